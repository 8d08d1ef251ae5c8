import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** One file of a zip. */
export interface ZipEntry {
  /** Relative, forward slashes. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
}

/**
 * The time of every entry: noon of the first whole day that a zip can express. A zip stores local time without a zone,
 * so the time is created from local fields, and the bytes are the same in every time zone. The extended timestamp,
 * which is in UTC, is left out.
 */
const entryTime = (): Date => new Date(1980, 0, 1, 12, 0, 0);

/** The type bits of a regular file in a Unix mode. */
const REGULAR_FILE = 0o100000;

/**
 * Creates a zip whose bytes depend only on names, bytes and modes: entries are sorted, have one fixed time, and there
 * are no folder entries.
 */
export async function reproducibleZip(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of sorted) {
    zip.addBuffer(entry.bytes, entry.name, {
      mtime: entryTime(),
      forceDosTimestamp: true,
      mode: REGULAR_FILE | entry.mode,
      compress: true,
    });
  }
  zip.end();
  return buffer(zip.outputStream);
}
