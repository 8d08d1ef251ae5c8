import { join } from 'node:path';
import { writeWhole } from './files.ts';
import { PLACES } from './places.ts';

/** Writes the page that `report --open` shows. It can be written again, so it need not survive a power failure. @throws as `writeWhole` */
export async function writeOpenedPage(cwd: string, html: string): Promise<void> {
  await writeWhole(join(cwd, PLACES.openedPage), html, { durable: false });
}
