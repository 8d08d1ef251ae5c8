import { join } from 'node:path';
import * as v from 'valibot';
import type { Emit } from '../model/events.ts';
import type { CoreCalibration } from '../model/forecast.ts';
import { type DocumentKind, readDocument } from './document.ts';
import { writeWhole } from './files.ts';
import { PLACES } from './places.ts';
import { divisor, exactly, list, object, optional, type Shape, text, where } from './shapes.ts';

const CALIBRATION_SCHEMA = 'shedbench/calibration@1';

/** The times of the calibration loops on one machine. */
export interface CalibrationDocument {
  readonly schema: typeof CALIBRATION_SCHEMA;
  /**
   * The machine and the interpreters of the loops. On another machine, or with other interpreters, the loops must run
   * again.
   */
  readonly machine: string;
  readonly calibrations: readonly CoreCalibration[];
}

/** The bounds are about three hundred times as fast and as slow as Lambda. Forecasts divide by this time. */
const calibrationNs = where(divisor, '1 to 1,000,000 ns', (ns) => ns >= 1 && ns <= 1e6);

/** Whether a measured time, ns, can be the time of a calibration loop. */
export function isCalibrationNs(value: unknown): value is number {
  return v.is(calibrationNs, value);
}

export const coreCalibration: Shape<CoreCalibration> = object<CoreCalibration>({
  language: text,
  hashNs: calibrationNs,
  version: optional(text),
});

const CALIBRATION: DocumentKind<CalibrationDocument> = {
  name: 'calibration',
  schema: CALIBRATION_SCHEMA,
  shape: object<CalibrationDocument>({
    schema: exactly(CALIBRATION_SCHEMA),
    machine: text,
    calibrations: list(coreCalibration),
  }),
  hint: 'The next report of a local run measures it anew',
};

function calibrationFile(cwd: string): string {
  return join(cwd, PLACES.calibration);
}

/** The kept times of the calibration loops on this machine. Undefined if there are none. */
export async function readCalibration(
  machine: string,
  deps: { readonly cwd: string; readonly emit: Emit },
): Promise<readonly CoreCalibration[] | undefined> {
  const kept = await readDocument(calibrationFile(deps.cwd), CALIBRATION, deps.emit);
  return kept?.machine === machine ? kept.calibrations : undefined;
}

/** Keeps the times of the calibration loops. @throws as `writeWhole` */
export async function keepCalibration(
  machine: string,
  calibrations: readonly CoreCalibration[],
  { cwd }: { readonly cwd: string },
): Promise<void> {
  const document: CalibrationDocument = { schema: CALIBRATION_SCHEMA, machine, calibrations };
  await writeWhole(calibrationFile(cwd), `${JSON.stringify(document)}\n`);
}
