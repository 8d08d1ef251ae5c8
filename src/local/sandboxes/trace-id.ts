import { randomBytes } from 'node:crypto';

/**
 * Creates a trace id for a call without one, as Lambda does: `Root=1-<epoch seconds>-<96 bits>;Parent=…;Sampled=0`.
 * @param epochMs wall clock
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function newTraceId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000)
    .toString(16)
    .padStart(8, '0');
  const random = randomBytes(20).toString('hex');
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}
