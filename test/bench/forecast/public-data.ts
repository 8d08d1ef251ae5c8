import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The public measurements lie beside the checkout, in `../shared/data`; see the README there for their origin. */
const FOLDER = join(process.cwd(), '..', 'shared', 'data');

/** Whether the public measurements are there. */
export function hasPublicData(): boolean {
  return existsSync(FOLDER);
}

/** The rows of a CSV file without quoted cells, each as an object by the names in the first line. */
export function readRows(file: string): Readonly<Record<string, string>>[] {
  const [head, ...lines] = readFileSync(join(FOLDER, file), 'utf8').trim().split('\n');
  const names = (head ?? '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
