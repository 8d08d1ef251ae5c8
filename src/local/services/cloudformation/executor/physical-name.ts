const RANDOM_LENGTH = 12;

/**
 * Generates a physical name as CloudFormation does: `<stack>-<logical id>-<random>`. If it is too long, the stack's
 * name and the logical id are cut to equal lengths.
 */
export function physicalName(
  stackName: string,
  logicalId: string,
  limits: { readonly maxLength: number; readonly lowerCase?: boolean },
  randomText: (length: number) => string,
): string {
  const room = limits.maxLength - RANDOM_LENGTH - 2;
  const half = Math.floor(room / 2);
  const stackPart = stackName.slice(0, Math.max(half, room - logicalId.length));
  const idPart = logicalId.slice(0, room - stackPart.length);
  const name = `${stackPart}-${idPart}-${randomText(RANDOM_LENGTH)}`;
  return limits.lowerCase === true ? name.toLowerCase() : name;
}
