import { Buffer } from 'node:buffer';
import type { Report } from '../model/report.ts';
import type { SweepCurve } from '../model/sweep.ts';
import { curveName } from './sweep.ts';

const MILLION = 1e6;
const VISUALISATION = 'https://lambda-power-tuning.show/';

/**
 * Renders the curves of a sweep as links to the visualisation of AWS Lambda Power Tuning, one line for each function:
 * its name, a tab, and the link. The part after `#` contains the sizes in MB (int16), the median warm times in ms
 * (float32) and the costs of one call in US dollars (float32). Each list is little-endian and in base64; semicolons
 * separate the lists. The visualisation reads them in the browser and sends nothing to its server.
 *
 * Points without a price are left out. Empty without a sweep.
 * @see https://github.com/alexcasalboni/aws-lambda-power-tuning
 */
export function renderPowerTuning(report: Report): string {
  const curves = (report.sweep?.curves ?? []).filter(({ points }) => points.length > 1);
  return curves
    .map((curve) => `${curveName(curve, curves)} ${curve.route}\t${VISUALISATION}#${fragmentOf(curve)}\n`)
    .join('');
}

/** The part after `#` in the link of a curve. */
export function fragmentOf({ points }: SweepCurve): string {
  const priced = points.flatMap(({ memorySizeMB, warmMs, computeUsd }) =>
    warmMs === undefined || computeUsd === undefined
      ? []
      : [{ memorySizeMB, ms: warmMs.p50, usd: computeUsd.value / MILLION }],
  );
  return [
    encode(2, priced, (bytes, at, { memorySizeMB }) => bytes.writeInt16LE(memorySizeMB, at)),
    encode(4, priced, (bytes, at, { ms }) => bytes.writeFloatLE(ms, at)),
    encode(4, priced, (bytes, at, { usd }) => bytes.writeFloatLE(usd, at)),
  ].join(';');
}

function encode<T>(width: number, items: readonly T[], write: (bytes: Buffer, at: number, item: T) => void) {
  const bytes = Buffer.alloc(width * items.length);
  for (const [index, item] of items.entries()) write(bytes, index * width, item);
  return bytes.toString('base64');
}
