/**
 * How many levels of brackets an expression may have. dynalite's parser takes about three times as long for each
 * further level (measured on a busy machine: 0.3 s for 4 levels of `(a AND (…))`, 9 s for 8).
 */
export const MAX_BRACKETS = 4;

const EXPRESSIONS = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
] as const;

/** Returns the name of the first expression of a request that nests brackets too deeply; undefined if there is none. */
export function tooDeepExpression(input: Readonly<Record<string, unknown>>): string | undefined {
  return EXPRESSIONS.find((name) => {
    const text = input[name];
    return typeof text === 'string' && depthOf(text) > MAX_BRACKETS;
  });
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '(') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === ')') depth -= 1;
  }
  return deepest;
}
