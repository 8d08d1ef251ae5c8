import { createContext, Script } from 'node:vm';

/**
 * Texts up to this length are searched directly. REPORT lines are shorter, and a call with a time limit costs 0.2 ms.
 */
const SHORT_CHARACTERS = 256;
/** A quantifier on a group that contains a quantifier. Its search may take a time that doubles with every character. */
const NESTED_QUANTIFIER = /[+*}]\)?[+*{]|[+*}][^()]*\)[+*{]/;
const LIMIT_MS = 500;

const context = createContext(Object.create(null));
const search = new Script('regex.exec(text)');

/**
 * Searches a text with a query's regular expression. A search that could take long has a time limit.
 * @throws Error after `limitMs`, half a second by default; the query then fails, and the cloud continues
 */
export function execBounded(regex: RegExp, text: string, limitMs = LIMIT_MS): RegExpExecArray | null {
  if (text.length <= SHORT_CHARACTERS && !NESTED_QUANTIFIER.test(regex.source)) return regex.exec(text);
  context.regex = regex;
  context.text = text;
  try {
    return search.runInContext(context, { timeout: limitMs }) as RegExpExecArray | null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Error(
      `the regular expression /${regex.source}/ takes more than ${limitMs} ms on a text of ${text.length} characters`,
    );
  }
}
