import { describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../src/model/events.ts';
import { EMPTY_LIVE_STATE, liveLines, reduceLiveState } from '../../src/ui/live-state.ts';
import { createNdjsonListener } from '../../src/ui/ndjson.ts';
import { createPlainListener } from '../../src/ui/plain.ts';
import { createVerboseListener } from '../../src/ui/verbose.ts';

const load = (callsDone: number): ProgressEvent => ({
  type: 'load-progress',
  runtime: 'node',
  route: 'cat',
  progress: {
    phase: 'measure',
    callsDone,
    callsPlanned: 100,
    successes: callsDone,
    unexpected: 0,
    errors: 0,
    ratePerSecond: 50,
    elapsedMs: callsDone * 20,
    leftMs: (100 - callsDone) * 20,
  },
});

const stackEvent = (logicalId: string, status: string, resourcesDone: number): ProgressEvent => ({
  type: 'stack-event',
  stackName: 'shed-node-api',
  logicalId,
  resourceType: logicalId === 'shed-node-api' ? 'AWS::CloudFormation::Stack' : 'AWS::Lambda::Function',
  status,
  atEpochMs: 0,
  resourcesDone,
  resourcesTotal: 4,
});

describe('the verbose lines of loads that warm up, or take turns', () => {
  test('the verbose lines of loads that warm up, or take turns have their own tenths for each load and phase, and say which is the warm-up', () => {
    const lines: string[] = [];
    const listener = createVerboseListener(
      (text) => lines.push(text),
      () => 0,
    );
    const at = (runtime: string, phase: 'warmup' | 'measure', callsDone: number): ProgressEvent => {
      const event = load(callsDone) as Extract<ProgressEvent, { type: 'load-progress' }>;
      return { ...event, runtime, progress: { ...event.progress, phase } };
    };
    for (const phase of ['warmup', 'measure'] as const) {
      for (const done of [15, 55])
        for (const runtime of ['node', 'rust']) listener.handle(at(runtime, phase, done));
    }
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'node cat (warm-up)',
      'rust cat (warm-up)',
      'node cat (warm-up)',
      'rust cat (warm-up)',
      'node cat',
      'rust cat',
      'node cat',
      'rust cat',
    ]);
  });
});

describe('without a terminal', () => {
  /** What the plain listener writes for the events, each at its time in ms. */
  function plainLines(events: readonly (readonly [number, ProgressEvent])[]): string[] {
    const lines: string[] = [];
    let nowMs = 0;
    const listener = createPlainListener(
      (text) => lines.push(text),
      () => nowMs,
    );
    for (const [atMs, event] of events) {
      nowMs = atMs;
      listener.handle(event);
    }
    listener.close();
    return lines;
  }

  test('a stack writes one line when it is done, whatever its resources report', () => {
    expect(
      plainLines([
        [0, { type: 'step-start', id: 's', title: 'Stack shed-node-api' }],
        ...['Cat', 'Dog', 'Wolf'].map((id) => [400, stackEvent(id, 'CREATE_COMPLETE', 1)] as const),
        [2000, { type: 'step-end', id: 's', outcome: 'done' }],
      ]),
    ).toEqual(['Stack shed-node-api  (0:02)\n']);
  });

  test('a resource that fails is told at once with its reason', () => {
    const failed = { ...stackEvent('Cat', 'CREATE_FAILED', 0), reason: 'Denied.' } as ProgressEvent;
    expect(plainLines([[0, failed]])).toEqual(['shed-node-api Cat: CREATE_FAILED, Denied.\n']);
  });

  test('a load says every ten seconds where it and the whole are, and one line at its end', () => {
    const events = Array.from({ length: 100 }, (_, calls) => {
      const event = { ...load(calls), whole: { load: 3, of: 12, leftMs: 41_000 } } as ProgressEvent;
      return [calls * 200, event] as const;
    });
    const lines = plainLines(events);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toBe(
      'node cat: 50/100  50/s  0 errors  0:01 left  ·  load 3 of 12 · about 0:40 left in all\n',
    );
  });

  test('verbose, a load says where it is at every tenth, however often it reports', () => {
    const lines: string[] = [];
    const listener = createVerboseListener(
      (text) => lines.push(text),
      () => 0,
    );
    for (let calls = 0; calls <= 100; calls += 1) listener.handle(load(calls));
    expect(lines).toHaveLength(9);
    expect(lines[0]).toBe('node cat: 10/100  50/s  0 errors  0:02 left\n');
  });

  test('a warning stands with its hint under it', () => {
    const lines: string[] = [];
    createPlainListener(
      (text) => lines.push(text),
      () => 0,
    ).handle({
      type: 'warning',
      code: 'empty-shed',
      message: 'The shed is empty.',
      hint: 'shedbench load --route sheep',
    });
    expect(lines).toEqual(['warning: The shed is empty.\n', '  shedbench load --route sheep\n']);
  });

  test('every event is one JSON object a line under --json', () => {
    const written: string[] = [];
    const listener = createNdjsonListener((text) => written.push(text));
    listener.handle({ type: 'note', message: 'two\nlines' });
    listener.handle(load(1));
    expect(written.map((text) => text.trimEnd().split('\n').length)).toEqual([1, 1]);
    expect(JSON.parse(written[0] ?? '')).toEqual({ type: 'note', message: 'two\nlines' });
  });
});

describe('the live block', () => {
  const stateAfter = (events: readonly ProgressEvent[]) =>
    events.reduce((state, event) => reduceLiveState(state, event, 0), EMPTY_LIVE_STATE);

  test('the live block has one line a stack, with its resources done of total and the last change', () => {
    const state = stateAfter([
      { type: 'step-start', id: 'stacks', title: 'Creating stacks' },
      stackEvent('Cat', 'CREATE_IN_PROGRESS', 0),
      stackEvent('Cat', 'CREATE_COMPLETE', 1),
    ]);
    expect(liveLines(state, 100, 2000)).toEqual([
      'Creating stacks  0:02',
      'shed-node-api  ████░░░░░░░░░░     1/4  0:02  Cat create complete',
    ]);
  });

  test('the live block is empty once everything ended', () => {
    const state = stateAfter([
      { type: 'step-start', id: 'stacks', title: 'Creating stacks' },
      stackEvent('shed-node-api', 'CREATE_COMPLETE', 4),
      { type: 'step-end', id: 'stacks', outcome: 'done' },
      load(100),
      {
        type: 'load-end',
        runtime: 'node',
        route: 'cat',
        progress: (load(100) as Extract<ProgressEvent, { type: 'load-progress' }>).progress,
        interrupted: false,
      },
    ]);
    expect(liveLines(state, 100, 0)).toEqual([]);
  });

  test('the live block cuts no line over the columns of the terminal', () => {
    const state = stateAfter([
      { type: 'step-start', id: 'a', title: 'x'.repeat(200) },
      stackEvent('AVeryLongLogicalIdOfAResourceInTheTemplate', 'CREATE_IN_PROGRESS', 0),
    ]);
    for (const line of liveLines(state, 40, 0)) expect(line.length).toBeLessThanOrEqual(40);
  });
});
