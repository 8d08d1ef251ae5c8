import { describe, expect, test } from 'vitest';
import { askFirst } from '../../../src/load/estimate/ask-first.ts';
import type { GridEstimate } from '../../../src/load/estimate/estimate-grid.ts';
import type { CommandDeps } from '../../../src/model/command.ts';
import type { ProgressEvent } from '../../../src/model/events.ts';

const SHORT: GridEstimate = {
  loads: 4,
  calls: 400,
  expectedMs: 3_600_000,
  until: 'last-call',
  expectedUsd: 1,
  basis: 'typical',
};
const LONG: GridEstimate = { ...SHORT, expectedMs: 4_500_000 };
const DEAR: GridEstimate = { ...SHORT, expectedUsd: 1.4 };

/** Asks about a grid, of ten settings by default. @returns the questions that were asked, and the events */
async function ask(
  estimate: GridEstimate,
  how: {
    readonly assumeYes?: boolean;
    readonly interactive?: boolean;
    readonly answer?: boolean;
    readonly settings?: number;
  } = {},
) {
  const questions: string[] = [];
  const events: ProgressEvent[] = [];
  const deps = {
    interactive: how.interactive === true,
    emit: (event: ProgressEvent) => events.push(event),
    confirm: async (question: string) => {
      questions.push(question);
      return how.answer === true;
    },
  } as unknown as CommandDeps;
  await askFirst(estimate, how.settings ?? 10, how.assumeYes === true, deps);
  return { questions, events };
}

describe('a grid', () => {
  test('a grid of an hour and a dollar is told and not asked about', async () => {
    const { questions, events } = await ask(SHORT, { interactive: true });
    expect(questions).toEqual([]);
    expect(events).toEqual([
      {
        type: 'work-estimate',
        loads: 4,
        calls: 400,
        expectedMs: 3_600_000,
        until: 'last-call',
        expectedUsd: 1,
        basis: 'typical',
      },
    ]);
  });

  test.each([
    ['hour', LONG, 'The 10 settings will take about 75 minutes and cost about $1.00'],
    ['dollar', DEAR, 'The 10 settings will take about 60 minutes and cost about $1.40'],
  ])(
    'a grid of more than one %s asks on a terminal, and elsewhere wants --yes',
    async (_, estimate, text) => {
      const { questions } = await ask(estimate, { interactive: true, answer: true });
      expect(questions).toEqual([`${text}. Go on?`]);
      await expect(ask(estimate, { interactive: true, answer: false })).rejects.toMatchObject({
        code: 'declined',
        exitCode: 2,
      });
      await expect(ask(estimate)).rejects.toMatchObject({
        code: 'needs-yes',
        message: `${text}, and there is no terminal to ask on.`,
        exitCode: 2,
      });
      expect((await ask(estimate, { assumeYes: true })).questions).toEqual([]);
    },
  );

  test('the question tells long times in hours, and speaks of one setting as of one', async () => {
    const long = { ...LONG, expectedMs: 3 * 24 * 3_600_000 };
    await expect(ask(long)).rejects.toMatchObject({
      message: expect.stringContaining('The 10 settings will take about 72 hours and cost about $1.00'),
    });
    await expect(ask(LONG, { settings: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('The setting will take about 75 minutes'),
    });
  });
});
