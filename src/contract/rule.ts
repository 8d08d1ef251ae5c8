import type { RuleResult } from '../model/contract.ts';
import type { ApiAnswer } from './api-client.ts';
import type { SheepTable, SheepToSeed } from './sheep-table.ts';

/** What a rule found. */
export type Verdict = Pick<RuleResult, 'status' | 'detail'>;

/** What a rule works with. */
export interface RuleContext {
  /** Calls the API; the answer also counts for the rules about all answers. @throws NoAnswer */
  readonly call: (method: string, path: string) => Promise<ApiAnswer>;
  readonly table: SheepTable;
  /** Empties the shed, puts these sheep in, and waits until an ordinary scan sees them so. */
  readonly fillShed: (sheep: readonly SheepToSeed[]) => Promise<void>;
  /** Every answer so far. */
  readonly answers: readonly ApiAnswer[];
  /** Answers to two wolves that were sent at once. */
  readonly raceAnswers: ApiAnswer[];
  readonly options: RuleOptions;
}

export interface RuleOptions {
  /** What every answer's Access-Control-Allow-Origin must be; undefined: one value, the same everywhere. */
  readonly allowOrigin: string | undefined;
  /** Sheep in the shed of more than one scan page, and the bytes that each takes there. */
  readonly bigShed: { readonly sheep: number; readonly bytesEach: number };
  /**
   * Whether API Gateway itself answers: it adds `Content-Type: application/json` to what a function sends without
   * one, a 204 included.
   * @see https://github.com/aws/aws-sam-cli/issues/1218
   */
  readonly gatewayAddsContentType: boolean;
}

/** One rule of the contract, as data: what it says, and how it is held against an API. */
export interface Rule extends Pick<RuleResult, 'id' | 'title' | 'route'> {
  check(context: RuleContext): Promise<Verdict>;
}

/** A call that got no whole answer. */
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

/** `201 {"tattoo":1,…}`: an answer in one short line. */
export function describeAnswer(answer: ApiAnswer): string {
  const body = answer.body.length > 120 ? `${answer.body.slice(0, 120)}…` : answer.body;
  return `${answer.status} ${body === '' ? '(no body)' : body.replace(/\s+/g, ' ')}`;
}

/** The verdict on an answer that must have this status and, white space aside, this JSON body. */
export function expectJson(answer: ApiAnswer, status: number, body: unknown): Verdict {
  const expected = JSON.stringify(body);
  const same = answer.status === status && sameJson(answer.body, body);
  return same
    ? held(`${answer.call}: ${describeAnswer(answer)}`)
    : broken(`${answer.call}: expected ${status} ${expected}, got ${describeAnswer(answer)}`);
}

/** The verdict on an answer that must have one of these statuses, whatever its body. */
export function expectStatus(answer: ApiAnswer, ...statuses: readonly number[]): Verdict {
  return statuses.includes(answer.status)
    ? held(`${answer.call}: ${describeAnswer(answer)}`)
    : broken(`${answer.call}: expected ${statuses.join(' or ')}, got ${describeAnswer(answer)}`);
}

/** The first verdict that does not hold, or the last. */
export function allHold(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ status }) => status !== 'held') ?? verdicts.at(-1) ?? held('');
}

/** The value of a JSON text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // That it is no JSON is what the caller asks.
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
