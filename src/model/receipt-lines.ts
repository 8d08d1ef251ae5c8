import type { ReceiptLine } from './deploy-plan.ts';

/** A teardown's receipt as text: one line for each type of resource, which says whether some of them are left. */
export function receiptLines(
  receipt: readonly ReceiptLine[],
): { readonly text: string; readonly state: 'gone' | 'left' | 'retained' }[] {
  const width = Math.max(0, ...receipt.map(({ resourceType }) => resourceType.length));
  const share = ({ deleted, found }: ReceiptLine): string => `${deleted}/${found}`;
  const shareWidth = Math.max(0, ...receipt.map((line) => share(line).length));
  return receipt.map((line) => {
    const { resourceType, left, retained } = line;
    const rest = left.length === 0 ? '0 left' : `${left.length} left: ${left.join(', ')}`;
    const kept = retained.length === 0 ? '' : `, kept as asked: ${retained.join(', ')}`;
    const counts = `${share(line).padStart(shareWidth)} deleted`;
    return {
      text: `  ${resourceType.padEnd(width)}  ${counts}, ${rest}${kept}`,
      state: left.length > 0 ? 'left' : retained.length > 0 ? 'retained' : 'gone',
    };
  });
}
