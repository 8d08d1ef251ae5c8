import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, fileError, ShedbenchError, usageError } from '../errors.ts';

/** A text that can only be meant as a file name: without spaces, not JSON, and with an extension. */
const LOOKS_LIKE_FILE = /^[^\s{}[\]"]+\.[A-Za-z][A-Za-z0-9]{0,5}$/;

/**
 * Reads a body from a file if one of that name exists. Otherwise the text itself is the body.
 * @param flag how messages call the option
 * @param folder the folder of relative paths
 * @throws usageError `no-such-file` for text that looks like the name of a missing file; `file-trouble`
 */
export async function readBody(flag: string, text: string, folder: string): Promise<Buffer> {
  const path = resolve(folder, text);
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const isFileName = LOOKS_LIKE_FILE.test(text);
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EISDIR', 'ERR_INVALID_ARG_VALUE'].includes(code)) {
      if (!isFileName) return Buffer.from(text);
      throw usageError(
        'no-such-file',
        `${flag} names ${text}, and there is no such file.`,
        'Name a file that is there, or give the text itself, such as {"sku":1}',
      );
    }
    throw fileError(error) ?? error;
  }
}

/**
 * Checks the payload of an Invoke, which must be JSON.
 * @throws ShedbenchError `payload-not-json` (exit 2) with the line and column of the error; `no-such-file`
 */
export async function readPayload(flag: string, text: string, folder: string): Promise<Buffer> {
  const bytes = await readBody(flag, text, folder);
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return bytes;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ShedbenchError({
      code: 'payload-not-json',
      message: `The payload of ${flag} is not JSON: ${what}.`,
      hint: `Lambda accepts only JSON; write a text in quotes: ${flag} '"text"'`,
      exitCode: EXIT.usage,
      cause: error,
    });
  }
}
