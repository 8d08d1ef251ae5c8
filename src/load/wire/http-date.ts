/**
 * Reads an HTTP date in one of its three forms, each in GMT. Returns epoch ms, or undefined for any other text.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function httpDateEpochMs(text: string): number | undefined {
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  // The form of C's asctime names no time zone, and `Date.parse` would use this machine's.
  const epochMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
