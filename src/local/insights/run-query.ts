import type { Accumulator } from './aggregates.ts';
import type { Environment, Evaluate } from './compiled.ts';
import { formatValue } from './format.ts';
import type { QueryPlan, StatsStep, Step } from './plan.ts';
import type { RecordSource } from './record.ts';
import { RecordReader } from './record-reader.ts';
import { sortInSlices } from './sort-in-slices.ts';
import { compareSortKeys, holds, naturalOrder, sortKey, toText, type Value } from './value.ts';

/** The input of a query. Times are epoch ms, both inclusive. */
export interface QueryInput {
  readonly sources: readonly RecordSource[];
  readonly startMs: number;
  readonly endMs: number;
  /** When the query was started, epoch ms. */
  readonly nowEpochMs: number;
  /** The largest number of rows, unless the query has a smaller limit. */
  readonly limit: number;
}

export interface ResultField {
  readonly field: string;
  readonly value: string;
}

export interface QueryOutcome {
  readonly rowCount: number;
  /** The number of events that passed the filters. */
  readonly recordsMatched: number;
  /** The number of events in the time range. */
  readonly recordsScanned: number;
  readonly bytesScanned: number;
  /** Returns the fields of a row without the missing ones. A row is formatted when it is asked for. */
  row(index: number): ResultField[];
}

/** Called between slices of work. It may wait, and may throw to end the run. */
export type Pause = () => Promise<void>;

/** How many rows are processed between two checks of the clock. */
const CHECK_EVERY = 256;

interface Row {
  /** The event. Undefined after `stats`. */
  readonly source: RecordSource | undefined;
  readonly index: number;
  readonly values: Value[];
}

type RowStep = Extract<Step, { kind: 'filter' | 'assign' | 'extract' }>;

/**
 * Runs a compiled query in slices. After each slice of about `sliceMs` it calls `pause`, so that a long query does not
 * block the process.
 * @param clock monotonic, ms
 */
export async function runQuery(
  plan: QueryPlan,
  input: QueryInput,
  pause: Pause,
  clock: () => number,
  sliceMs = 8,
): Promise<QueryOutcome> {
  const run = new QueryRun(plan, input, pause, clock, sliceMs);
  return run.execute();
}

class QueryRun {
  readonly #plan: QueryPlan;
  readonly #input: QueryInput;
  readonly #pause: Pause;
  readonly #clock: () => number;
  readonly #sliceMs: number;
  readonly #environment: Environment;
  #sliceEndsAt: number;
  #recordsScanned = 0;
  #bytesScanned = 0;
  #recordsMatched = 0;

  constructor(plan: QueryPlan, input: QueryInput, pause: Pause, clock: () => number, sliceMs: number) {
    this.#plan = plan;
    this.#input = input;
    this.#pause = pause;
    this.#clock = clock;
    this.#sliceMs = sliceMs;
    this.#environment = this.#newEnvironment();
    this.#sliceEndsAt = clock() + sliceMs;
  }

  async execute(): Promise<QueryOutcome> {
    const { steps } = this.#plan;
    const firstBarrier = steps.findIndex((step) => !isRowStep(step));
    const scanSteps = steps.slice(0, firstBarrier === -1 ? steps.length : firstBarrier).filter(isRowStep);
    let rest = steps.slice(scanSteps.length);
    let rows: Row[];
    const [next] = rest;
    if (next?.kind === 'stats') {
      const groups = new Groups(next, this.#environment);
      await this.#scan(scanSteps, () => groups.add());
      rows = groups.rows();
      rest = rest.slice(1);
    } else {
      rows = await this.#collect(scanSteps);
      if (next?.kind !== 'sort') rows = await sortInSlices(rows, latestFirst, () => this.#breathe());
    }
    for (const step of rest) rows = await this.#apply(step, rows);
    return this.#outcome(rows.length > this.#rowLimit() ? rows.slice(0, this.#rowLimit()) : rows);
  }

  #rowLimit(): number {
    return this.#input.limit;
  }

  async #collect(steps: readonly RowStep[]): Promise<Row[]> {
    const rows: Row[] = [];
    // If no command computes a value, all rows share one empty list of values.
    const makesValues = this.#plan.steps.some(({ kind }) => kind === 'assign' || kind === 'extract');
    await this.#scan(steps, (source, index) => {
      rows.push({ source, index, values: this.#environment.values });
      if (makesValues) this.#environment.values = [];
    });
    return rows;
  }

  /** Calls `take` with every event of the time range that passes the steps. The environment holds its values. */
  async #scan(steps: readonly RowStep[], take: (source: RecordSource, index: number) => void): Promise<void> {
    const { sources, startMs, endMs } = this.#input;
    const environment = this.#environment;
    for (const source of sources) {
      const { count } = source;
      for (let index = 0; index < count; index += 1) {
        if (index % CHECK_EVERY === 0) await this.#breathe();
        const timestampMs = source.timestampMs(index);
        if (timestampMs < startMs || timestampMs > endMs) continue;
        this.#recordsScanned += 1;
        this.#bytesScanned += source.byteLength(index);
        environment.reader.load(source, index);
        if (environment.values.length > 0) environment.values = [];
        if (!applyRowSteps(steps, environment)) continue;
        this.#recordsMatched += 1;
        take(source, index);
      }
    }
  }

  async #apply(step: Step, rows: Row[]): Promise<Row[]> {
    switch (step.kind) {
      case 'filter':
      case 'assign':
      case 'extract': {
        const kept: Row[] = [];
        await this.#each(rows, (row) => {
          if (applyRowSteps([step], this.#environment)) kept.push(row);
        });
        const event = rows[0]?.source !== undefined;
        if (step.kind === 'filter' && event) this.#recordsMatched = kept.length;
        return kept;
      }
      case 'sort':
        return this.#sort(step.keys, rows);
      case 'limit':
        return rows.slice(0, step.count);
      case 'dedup':
        return this.#dedup(step.fields, rows);
      case 'stats': {
        const groups = new Groups(step, this.#environment);
        await this.#each(rows, () => groups.add());
        return groups.rows();
      }
    }
  }

  async #sort(
    keys: readonly { readonly evaluate: Evaluate; readonly descending: boolean }[],
    rows: readonly Row[],
  ): Promise<Row[]> {
    const keyed: { row: Row; keys: Value[] }[] = [];
    await this.#each(rows, (row) => {
      keyed.push({ row, keys: keys.map((key) => sortKey(key.evaluate(this.#environment))) });
    });
    const directions = keys.map((key) => (key.descending ? -1 : 1));
    const sorted = await sortInSlices(
      keyed,
      (a, b) => {
        for (const [index, direction] of directions.entries()) {
          const difference = compareSortKeys(a.keys[index], b.keys[index]);
          if (difference !== 0) return difference * direction;
        }
        return 0;
      },
      () => this.#breathe(),
    );
    return sorted.map((entry) => entry.row);
  }

  /** Keeps the first row of every combination of values. A row without one of the fields is never a duplicate. */
  async #dedup(fields: readonly Evaluate[], rows: readonly Row[]): Promise<Row[]> {
    const seen = new Set<string>();
    const kept: Row[] = [];
    await this.#each(rows, (row) => {
      const values = fields.map((field) => field(this.#environment));
      if (!values.includes(undefined)) {
        const key = groupKey(values);
        if (seen.has(key)) return;
        seen.add(key);
      }
      kept.push(row);
    });
    return kept;
  }

  async #each(rows: readonly Row[], visit: (row: Row) => void): Promise<void> {
    for (const [index, row] of rows.entries()) {
      if (index % CHECK_EVERY === 0) await this.#breathe();
      enter(this.#environment, row);
      visit(row);
    }
  }

  async #breathe(): Promise<void> {
    if (this.#clock() < this.#sliceEndsAt) return;
    await this.#pause();
    this.#sliceEndsAt = this.#clock() + this.#sliceMs;
  }

  #newEnvironment(): Environment {
    const nowEpochSeconds = Math.floor(this.#input.nowEpochMs / 1_000);
    return { reader: new RecordReader(), nowEpochSeconds, values: [] };
  }

  #outcome(rows: readonly Row[]): QueryOutcome {
    const { columns } = this.#plan;
    const environment = this.#newEnvironment();
    return {
      rowCount: rows.length,
      recordsMatched: this.#recordsMatched,
      recordsScanned: this.#recordsScanned,
      bytesScanned: this.#bytesScanned,
      row: (index) => {
        const row = rows[index];
        if (row === undefined) return [];
        enter(environment, row);
        const fields: ResultField[] = [];
        for (const { name, evaluate, format } of columns) {
          const value = evaluate(environment);
          if (value !== undefined) fields.push({ field: name, value: formatValue(value, format) });
        }
        return fields;
      },
    };
  }
}

function isRowStep(step: Step): step is RowStep {
  return step.kind === 'filter' || step.kind === 'assign' || step.kind === 'extract';
}

function enter(environment: Environment, row: Row): void {
  if (row.source !== undefined) environment.reader.load(row.source, row.index);
  environment.values = row.values;
}

/** Applies steps to the environment's row. Returns false if a filter drops it. */
function applyRowSteps(steps: readonly RowStep[], environment: Environment): boolean {
  for (const step of steps) {
    switch (step.kind) {
      case 'filter':
        if (!holds(step.condition(environment))) return false;
        break;
      case 'assign':
        environment.values[step.slot] = step.evaluate(environment);
        break;
      case 'extract': {
        const text = toText(step.source(environment));
        const found = text === undefined ? undefined : step.extractor.extract(text);
        for (const [index, slot] of step.slots.entries()) environment.values[slot] = found?.[index];
        break;
      }
    }
  }
  return true;
}

/** Orders rows that the query does not sort: latest event first, and of equal times the one that arrived last. */
function latestFirst(a: Row, b: Row): number {
  const x = a.source?.timestampMs(a.index) ?? 0;
  const y = b.source?.timestampMs(b.index) ?? 0;
  return y - x || (a.source === b.source ? b.index - a.index : 0);
}

/**
 * One text per combination of values. A number and a text that reads the same are the same key; a missing value is
 * different from all others.
 */
function groupKey(values: readonly Value[]): string {
  if (values.length === 1) return values[0] === undefined ? '' : `=${values[0]}`;
  return JSON.stringify(values.map((value) => (value === undefined ? null : String(value))));
}

class Groups {
  readonly #step: StatsStep;
  readonly #environment: Environment;
  readonly #groups = new Map<string, { keys: Value[]; accumulators: Accumulator[] }>();

  constructor(step: StatsStep, environment: Environment) {
    this.#step = step;
    this.#environment = environment;
  }

  /** Adds the environment's row to its group. */
  add(): void {
    const environment = this.#environment;
    const keys = this.#step.by.map((key) => key(environment));
    const id = groupKey(keys);
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { keys, accumulators: this.#step.accumulators.map((make) => make()) };
      this.#groups.set(id, group);
    }
    for (const accumulator of group.accumulators) accumulator.add(environment);
  }

  rows(): Row[] {
    const rows = [...this.#groups.values()].map(({ keys, accumulators }): Row => {
      const values = [...keys, ...accumulators.map((accumulator) => accumulator.result())];
      const environment: Environment = { ...this.#environment, values };
      for (const { slot, evaluate } of this.#step.items) values[slot] = evaluate(environment);
      return { source: undefined, index: -1, values };
    });
    if (this.#step.byTimeOnly) rows.sort((a, b) => naturalOrder(b.values[0], a.values[0]));
    return rows;
  }
}
