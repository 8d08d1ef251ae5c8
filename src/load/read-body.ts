import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError, ShedbenchError, usageError } from '../errors.ts';

/** A text that can only be meant as a file: no spaces, no JSON, and an ending. */
const LOOKS_LIKE_FILE = /^[^\s{}[\]"]+\.[A-Za-z][A-Za-z0-9]{0,5}$/;

/**
 * The bytes of a body that was given as a file or as the text itself: a file where there is one of that name.
 * @param flag what messages call the option
 * @param folder where a relative path starts
 * @throws usageError `no-such-file` for what looks like the name of a file that is not there; `file-trouble`
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
 * The payload of an Invoke, which Lambda takes as JSON alone.
 * @throws ShedbenchError `payload-not-json` (exit 2), with the line and column where it stops being JSON; `no-such-file`
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
      hint: `Lambda takes JSON alone; a text is written in quotes: ${flag} '"text"'`,
      exitCode: 2,
      cause: error,
    });
  }
}
