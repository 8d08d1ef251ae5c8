import { copyFileSync, ftruncateSync, writeSync } from 'node:fs';

const STDOUT_FD = 1;
/** A longer message (a stack with a huge value in it) is cut. */
const MESSAGE_CHARACTERS = 8_192;
/** A file of this size is moved to `<name>.1`; the two together are the most that the log takes. */
const FILE_BYTES = 8 * 1024 * 1024;

export interface LogFileDeps {
  readonly now: () => number;
  /** A descriptor of the file, opened for appending. */
  readonly fd: number;
  readonly fileBytes: number;
}

/**
 * The cloud's log: one line a message, with the time. A message that repeats is counted instead of written again, and
 * the file is bounded: whoever can make the cloud log can't fill the disk.
 * @param path the file that standard output appends to
 */
export function createLog(
  path: string,
  { now, fd, fileBytes }: LogFileDeps = { now: Date.now, fd: STDOUT_FD, fileBytes: FILE_BYTES },
): (message: string) => void {
  let last = '';
  let repeats = 0;
  let writtenBytes = 0;

  const write = (message: string): void => {
    const line = `${new Date(now()).toISOString()} ${message}\n`;
    if (writtenBytes + line.length > fileBytes) {
      copyFileSync(path, `${path}.1`);
      ftruncateSync(fd, 0);
      writtenBytes = 0;
    }
    writtenBytes += writeSync(fd, line);
  };
  return (message) => {
    try {
      if (message === last) {
        repeats += 1;
        return;
      }
      if (repeats > 0) write(`(the last message came ${repeats} times more)`);
      last = message;
      repeats = 0;
      write(message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message);
    } catch {
      // A log on a full disk, or in a folder that is gone, must not end the cloud: its own watches do that in order.
    }
  };
}
