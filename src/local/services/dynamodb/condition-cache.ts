import parser from 'dynalite/db/conditionParser.js';

/** How many different texts are cached. An application uses a handful. */
const MAX_CONDITIONS = 256;

interface ParserContext {
  readonly attrNames?: object;
  readonly attrVals?: object;
  readonly isKeyCondition?: boolean;
}

const parsed = new Map<string, object>();
const parse = parser.parse;

/**
 * Caches the parsed form of conditions without placeholders, such as `attribute_not_exists(tattoo)`, whose result
 * depends on their text alone. Parsing took half of the time of a PutItem.
 */
parser.parse = (text, options) => {
  const context: ParserContext = options.context;
  if (context.attrNames !== undefined || context.attrVals !== undefined || context.isKeyCondition === true) {
    return parse(text, options);
  }
  let result = parsed.get(text);
  if (result === undefined) {
    result = parse(text, options);
    if (parsed.size < MAX_CONDITIONS) parsed.set(text, result);
  }
  return result;
};
