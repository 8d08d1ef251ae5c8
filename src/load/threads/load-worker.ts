import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../../model/monotonic-clock.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createSharedCounter } from '../engine/pacer.ts';
import type { Order, Report, ThreadSnapshot, WorkerSetup } from './messages.ts';

/** Snapshots are sent half as often as the live view is drawn, because each contains a histogram. */
const SNAPSHOT_EVERY_MS = 200;

const port = parentPort;
if (port === null) throw new Error('this program runs only as a thread of a load');
const setup = workerData as WorkerSetup;
const engine = createEngine(setup.engine, createSharedCounter(setup.counter), {
  now: Date.now,
  monotonicMs,
  random: Math.random,
});

function say(report: Report): void {
  port?.postMessage(report);
}

function snapshot(): ThreadSnapshot {
  const { successes, unexpected, errors } = engine.snapshot();
  return { successes, unexpected, errors, latency: engine.latencySoFar() };
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'start':
      say({ is: 'started' });
      return;
    case 'prepare':
      await engine.prepare();
      say({ is: 'prepared', isStarved: engine.isStarved });
      return;
    case 'run': {
      const ticking = setInterval(() => say({ is: 'snapshot', snapshot: snapshot() }), SNAPSHOT_EVERY_MS);
      const outcome = await engine.runPhase(order.phase, order.share);
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
  // A bug ends the thread with its stack, which the main thread gets as an error.
  obey(order).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
