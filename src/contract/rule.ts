import type { RuleResult } from '../model/contract.ts';
import type { ApiAnswer } from './api-client.ts';
import type { SheepTable, SheepToSeed } from './sheep-table.ts';

/** The outcome of one rule. */
export type Verdict = Pick<RuleResult, 'status' | 'detail'>;

/** What a rule can use. */
export interface RuleContext {
  /** Calls the API and adds the answer to `answers`. @throws NoAnswer */
  readonly call: (method: string, path: string) => Promise<ApiAnswer>;
  readonly table: SheepTable;
  /** Replaces the content of the shed by these sheep, and waits until an eventually consistent scan returns them. */
  readonly fillShed: (sheep: readonly SheepToSeed[]) => Promise<void>;
  /** Every answer that the API gave so far. */
  readonly answers: readonly ApiAnswer[];
  /** The answers to two wolves that were sent at the same time. */
  readonly raceAnswers: ApiAnswer[];
  readonly options: RuleOptions;
}

export interface RuleOptions {
  /**
   * The value that Access-Control-Allow-Origin must have on every answer. Undefined: any value, but the same on all.
   */
  readonly allowOrigin: string | undefined;
  /** The shed that fills more than one scan page: its number of sheep and the bytes of each item. */
  readonly bigShed: { readonly sheep: number; readonly bytesEach: number };
  /**
   * Whether the answers come from API Gateway itself. It adds `Content-Type: application/json` to every answer for
   * which the function sends none, a 204 included.
   * @see https://github.com/aws/aws-sam-cli/issues/1218
   */
  readonly gatewayAddsContentType: boolean;
}

/** One rule of the contract: its id and title, and the check of an API. */
export interface Rule extends Pick<RuleResult, 'id' | 'title' | 'route'> {
  check(context: RuleContext): Promise<Verdict>;
}

/** Thrown when a call gets no complete answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export function held(detail: string): Verdict {
  return { status: 'held', detail };
}

export function broken(detail: string): Verdict {
  return { status: 'broken', detail };
}

export function skipped(reason: string): Verdict {
  return { status: 'skipped', detail: reason };
}

/** Describes an answer in one short line: `201 {"tattoo":1,…}`. */
export function describeAnswer(answer: ApiAnswer): string {
  const body = answer.body.length > 120 ? `${answer.body.slice(0, 120)}…` : answer.body;
  return `${answer.status} ${body === '' ? '(no body)' : body.replace(/\s+/g, ' ')}`;
}

/** Holds if the answer has this status and, white space aside, this JSON body. */
export function expectJson(answer: ApiAnswer, status: number, body: unknown): Verdict {
  const expected = JSON.stringify(body);
  const same = answer.status === status && sameJson(answer.body, body);
  return same
    ? held(`${answer.call}: ${describeAnswer(answer)}`)
    : broken(`${answer.call}: expected ${status} ${expected}, got ${describeAnswer(answer)}`);
}

/** Holds if the answer has one of these statuses. The body does not matter. */
export function expectStatus(answer: ApiAnswer, ...statuses: readonly number[]): Verdict {
  return statuses.includes(answer.status)
    ? held(`${answer.call}: ${describeAnswer(answer)}`)
    : broken(`${answer.call}: expected ${statuses.join(' or ')}, got ${describeAnswer(answer)}`);
}

/** Returns the first verdict that is not `held`, or the last one. */
export function allHold(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ status }) => status !== 'held') ?? verdicts.at(-1) ?? held('');
}

/** Parses a JSON text. Returns undefined if it is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller treats undefined as invalid JSON.
    return undefined;
  }
}

function sameJson(text: string, value: unknown): boolean {
  const parsed = parseJson(text);
  return parsed !== undefined && canonical(parsed) === canonical(value);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
