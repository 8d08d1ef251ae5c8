import { awsError } from '../errors.ts';
import { openLocalLog } from '../store/local-log.ts';

const POLL_MS = 200;
const READ_BYTES = 65_536;

/**
 * Writes the last `lines` lines of the folder's cloud log. With `follow` it also writes new lines, until the signal is
 * aborted. It also follows the new log of a cloud that is restarted.
 * @throws ShedbenchError `no-local-cloud` (exit 3) if the folder never had a cloud; `odd-file`
 *   (exit 2) for a link, a pipe or the like in the place of the log
 */
export async function localCloudLogs(options: {
  readonly folder: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly write: (text: string) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}): Promise<void> {
  let offset = 0;
  let inode = 0;
  const readOn = async (isFirst: boolean): Promise<string> => {
    const file = await openLocalLog(options.folder);
    if (file === undefined) {
      if (!isFirst) return '';
      throw awsError('no-local-cloud', 'No local cloud ever ran in this folder', 'shedbench local start');
    }
    try {
      const stat = await file.stat();
      if (stat.ino !== inode || stat.size < offset) offset = 0;
      inode = stat.ino;
      const parts: Buffer[] = [];
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, offset);
        if (bytesRead === 0) break;
        parts.push(buffer.subarray(0, bytesRead));
        offset += bytesRead;
      }
      return Buffer.concat(parts).toString('utf8');
    } finally {
      await file.close();
    }
  };
  const text = await readOn(true);
  const tail = lastLines(text, options.lines);
  if (tail !== '') options.write(tail);
  while (options.follow && options.signal?.aborted !== true) {
    try {
      await options.sleep(POLL_MS, options.signal);
    } catch {
      return;
    }
    const more = await readOn(false);
    if (more !== '') options.write(more);
  }
}

/** The last `count` lines of a text, each with its line break. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const kept = lines.slice(-count);
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}
