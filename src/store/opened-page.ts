import { join } from 'node:path';
import { writeWhole } from './files.ts';

/** The path of the page that `report --open` shows, from the working folder. */
export const OPENED_PAGE = join('.shedbench', 'report.html');

/** Writes the page. It can be written again, so it need not survive a power failure. @throws as `writeWhole` */
export async function writeOpenedPage(cwd: string, html: string): Promise<void> {
  await writeWhole(join(cwd, OPENED_PAGE), html, { durable: false });
}
