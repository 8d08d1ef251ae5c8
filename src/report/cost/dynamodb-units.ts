import type { RunRecord } from '../../model/run.ts';

/** The request units of one call, the mean over a run. */
export interface RequestUnits {
  readonly readUnitsPerCall: number;
  readonly writeUnitsPerCall: number;
}

/** A read unit covers 4 KB, strongly consistent; a Scan is eventually consistent and counts half. */
const READ_UNIT_BYTES = 4096;
const EVENTUAL = 0.5;
/**
 * The largest size of a page of a Scan, bytes. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
 */
const PAGE_BYTES = 1_048_576;
/** Sheep per parallel segment of a scan, by the contract. */
const SHEEP_PER_SEGMENT = 100_000;
const NAME_BYTES = 'tattoo'.length + 'weight'.length;
/** Digits of a weight in micrograms: 80,000,000,000 to 160,000,000,000. */
const WEIGHT_DIGITS = 11.5;

/** Bytes of a number attribute: one per two digits and one more. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function numberBytes(digits: number): number {
  return Math.ceil(digits / 2) + 1;
}

/** Bytes of one sheep in the table, for tattoos of so many digits. */
export function sheepBytes(tattooDigits: number): number {
  return NAME_BYTES + numberBytes(tattooDigits) + numberBytes(WEIGHT_DIGITS);
}

/**
 * The read units of one full, eventually consistent scan of a table with `sheep` items. A page or segment costs at
 * least half a unit.
 */
export function scanReadUnits(sheep: number, tattooDigits: number): number {
  const segments = 1 + Math.floor(sheep / SHEEP_PER_SEGMENT);
  const bytesPerSegment = (sheep * sheepBytes(tattooDigits)) / segments;
  const pages = Math.max(1, Math.ceil(bytesPerSegment / PAGE_BYTES));
  const unitsPerPage = Math.max(1, Math.ceil(bytesPerSegment / pages / READ_UNIT_BYTES)) * EVENTUAL;
  return segments * pages * unitsPerPage;
}

/**
 * The request units of a call of the route, estimated from the numbers of sheep before and after the run. A put or a
 * delete costs one write unit, even if it is refused. A dog is one scan. A wolf is a scan, and one delete if it found
 * prey. DescribeTable is free. Undefined if the run did not record the sheep.
 */
export function estimateUnits(
  run: Pick<RunRecord, 'route' | 'sheep' | 'plan' | 'accounting'>,
): RequestUnits | undefined {
  const { route } = run;
  if (route === 'cat') return { readUnitsPerCall: 0, writeUnitsPerCall: 0 };
  if (route === 'sheep') return { readUnitsPerCall: 0, writeUnitsPerCall: 1 };
  if (run.sheep === undefined) return undefined;
  const sheep = (run.sheep.before + run.sheep.after) / 2;
  const lastTattoo = BigInt(run.plan.startAt) + BigInt(Math.round(sheep));
  const readUnitsPerCall = scanReadUnits(sheep, String(lastTattoo).length);
  if (route === 'dog') return { readUnitsPerCall, writeUnitsPerCall: 0 };
  const answered = Object.values(run.accounting.attemptsByStatus).reduce((total, count) => total + count, 0);
  const hunted =
    (run.accounting.attemptsByStatus['204'] ?? 0) + (run.accounting.attemptsByStatus['409'] ?? 0);
  return { readUnitsPerCall, writeUnitsPerCall: answered === 0 ? 0 : hunted / answered };
}
