export function verify(..._: unknown[]): Promise<never> {
  throw new Error('not yet');
}
