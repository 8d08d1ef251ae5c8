import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { createSharedCounter } from '../engine/pacer.ts';
import { WireEngine } from '../engine/wire-engine.ts';
import { Endpoint } from '../wire/connector.ts';
import type { Order, Report, ThreadSnapshot, WorkerSetup } from './messages.ts';

/** Half of what the live view shows in a second: a histogram crosses with each. */
const SNAPSHOT_EVERY_MS = 200;

const port = parentPort;
if (port === null) throw new Error('this program is started as a thread of a load');
const setup = workerData as WorkerSetup;
const engine = new WireEngine({
  plan: setup.plan,
  endpoint: new Endpoint(setup.url, setup.endpoint),
  userAgent: setup.userAgent,
  thread: setup.thread,
  counter: createSharedCounter(setup.counter),
  now: Date.now,
  monotonicMs: () => performance.now(),
  random: Math.random,
});

function say(report: Report): void {
  port?.postMessage(report);
}

function snapshot(): ThreadSnapshot {
  const { successes, unexpected, errors } = engine.snapshot();
  return { successes, unexpected, errors, latency: engine.encodeSuccesses() };
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'prepare':
      await engine.prepare();
      say({ is: 'prepared' });
      return;
    case 'run': {
      const ticking = setInterval(() => say({ is: 'snapshot', snapshot: snapshot() }), SNAPSHOT_EVERY_MS);
      const outcome = await engine.runPhase(order.phase);
      clearInterval(ticking);
      say({ is: 'ran', outcome, snapshot: snapshot() });
      return;
    }
    case 'stop':
      engine.stop();
      return;
    case 'cut':
      engine.cut();
      return;
    case 'finish': {
      await engine.finish();
      say({ is: 'finished' });
      port?.close();
    }
  }
}

port.on('message', (order: Order) => {
  // A fault of ours must end the thread with its stack, and so reach the main thread as an error.
  obey(order).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
