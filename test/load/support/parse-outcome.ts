import { ResponseParser } from '../../../src/load/wire/response-parser.ts';

export type Outcome = 'error' | { readonly status: number; readonly bodyBytes: number };

const KEEP_NOTHING = new Uint8Array(1000);

/** What our parser makes of a response that arrives in these pieces, then ends or stays open. */
export function parseOutcome(pieces: readonly Uint8Array[], end: 'fin' | 'open' = 'fin'): Outcome {
  const parser = new ResponseParser(KEEP_NOTHING);
  parser.reset();
  for (const piece of pieces) {
    const taken = parser.execute(piece, piece.length);
    if (parser.failure !== undefined) return 'error';
    if (parser.isComplete) break;
    if (taken !== piece.length) throw new Error(`took ${taken} of ${piece.length} bytes and stopped`);
  }
  const whole = parser.isComplete || (end === 'fin' && parser.finish());
  return whole ? { status: parser.status, bodyBytes: parser.bodyBytes } : 'error';
}
