import { usageError } from '../errors.ts';
import type { LoadPlan, RateStage } from '../model/run.ts';
import { parseDuration } from './parse-duration.ts';

/** The highest rate, calls per second. Even the loopback interface of one machine can't handle more. */
const MAX_RATE_PER_SECOND = 1_000_000;
const MAX_WARMUP_CALLS = 10_000_000;
const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600 } as const;

/**
 * Parses calls per second from `50`, `0.5`, `50/s`, `3000/m` or `1000/h`: above 0, at most a million.
 * @throws usageError `bad-rate`
 */
export function parseRate(flag: string, text: string): number {
  const rate = readRate(text);
  if (rate === undefined || rate <= 0 || rate > MAX_RATE_PER_SECOND) {
    throw usageError(
      'bad-rate',
      `${flag} takes calls per second, above 0 and at most ${MAX_RATE_PER_SECOND.toLocaleString('en-US')}, not '${text}'.`,
      `${flag} 50, ${flag} 0.5 or ${flag} 600/m`,
    );
  }
  return rate;
}

/**
 * Parses the stages of `30s:0-200,1m:200,30s:200-0`. Each is a time with one rate, or with two rates between which it
 * changes linearly.
 * @throws usageError `bad-ramp`, `bad-duration`
 */
export function parseRamp(text: string): RateStage[] {
  const stages = text.split(',').map((part): RateStage => {
    const [, time = '', rates = ''] = /^([^:]*):(.*)$/.exec(part.trim()) ?? [];
    const [from, to, ...rest] = rates.split('-').map((rate) => readRate(rate.trim()));
    if (from === undefined || rest.length > 0 || (rates.includes('-') && to === undefined)) {
      throw badRamp(`the stage '${part.trim()}' is not time:rate or time:from-to`);
    }
    const toPerSecond = to ?? from;
    if (Math.max(from, toPerSecond) > MAX_RATE_PER_SECOND) {
      throw badRamp(`the stage '${part.trim()}' asks for more than ${MAX_RATE_PER_SECOND} calls per second`);
    }
    return { durationMs: parseDuration('--ramp', time), fromPerSecond: from, toPerSecond };
  });
  if (stages.every((stage) => stage.fromPerSecond === 0 && stage.toPerSecond === 0)) {
    throw badRamp('it never rises above 0');
  }
  return stages;
}

/**
 * Parses a number of warm-up calls from `100`, or a time from `10s`. @throws usageError `bad-warmup`, `bad-duration`
 */
export function parseWarmup(text: string): NonNullable<LoadPlan['warmup']> {
  const trimmed = text.trim();
  if (!/^\d+$/.test(trimmed)) return { durationMs: parseDuration('--warmup', trimmed) };
  const calls = Number(trimmed);
  if (calls < 1 || calls > MAX_WARMUP_CALLS) {
    throw usageError(
      'bad-warmup',
      `--warmup takes 1 to ${MAX_WARMUP_CALLS.toLocaleString('en-US')} calls, or a time, not '${text}'.`,
      '--warmup 100 or --warmup 10s',
    );
  }
  return { calls };
}

function badRamp(why: string) {
  return usageError('bad-ramp', `--ramp: ${why}.`, '--ramp 30s:0-200,1m:200');
}

function readRate(text: string): number | undefined {
  const [, value, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim()) ?? [];
  return value === undefined
    ? undefined
    : Number(value) / SECONDS_PER_UNIT[unit as keyof typeof SECONDS_PER_UNIT];
}
