import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { REPORT_SCHEMA, type Report } from '../model/report.ts';
import { checkDocument, type DocumentKind } from './document.ts';
import { reportShape } from './report-schema.ts';

export const REPORT_DOCUMENT: DocumentKind<Report> = {
  name: 'kept report',
  schema: REPORT_SCHEMA,
  shape: reportShape,
  hint: 'shedbench report writes it again as long as the log groups exist',
};

/**
 * Reads the report of a JSON file, with the name that the user typed.
 * @throws ShedbenchError exit 2: `no-such-report`, `unreadable-report`, and as `readReport`
 */
export async function openReportFile(name: string, cwd: string): Promise<Report> {
  const text = await reportFileText(name, cwd);
  if (text === undefined) throw usageError('no-such-report', `There is no file ${name}.`, WRITES_ONE);
  return readReport(text, name);
}

/**
 * The text of a file that may contain a report. Undefined if there is no file.
 * @throws ShedbenchError `unreadable-report` (exit 2)
 */
export async function reportFileText(name: string, cwd: string): Promise<string | undefined> {
  const path = resolve(cwd, name);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EISDIR' || code === 'EACCES') {
      throw usageError('unreadable-report', `${path} can't be read (${code}).`);
    }
    throw error;
  }
}

const WRITES_ONE = 'shedbench report -o report.json writes one';

/**
 * Reads a report from its JSON document; `name` is for the messages.
 * @throws ShedbenchError exit 2: `not-a-report` for any other text, with the path of what is wrong in it;
 *   `report-version` for a document of another schema version
 */
export function readReport(text: string, name: string): Report {
  const checked = checkDocument(text, REPORT_DOCUMENT);
  if (checked.state === 'good') return checked.document;
  if (checked.state === 'other-version') {
    throw usageError(
      'report-version',
      `${name} is of schema ${checked.schema}; this shedbench reads ${REPORT_SCHEMA}`,
      'Write both reports with the same version of shedbench',
    );
  }
  throw usageError('not-a-report', `${name} is not a report of shedbench: ${checked.reason}`, WRITES_ONE);
}
