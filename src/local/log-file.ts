import { constants, copyFileSync, ftruncateSync, rmSync, writeSync } from 'node:fs';

const STDOUT_FD = 1;
/** A longer message, such as a stack with a huge value in it, is cut. */
const MESSAGE_CHARACTERS = 8_192;
/** A file that reaches this size is moved to `<name>.1`. The log never takes more than the two files. */
const FILE_BYTES = 8 * 1024 * 1024;

export interface LogFileDeps {
  readonly now: () => number;
  /** A descriptor of the file, opened for appending. */
  readonly fd: number;
  readonly fileBytes: number;
}

/**
 * Creates the cloud's log, with one line per message and its time. A repeated message is counted instead of written
 * again, and the size is limited, so that no client can fill the disk through the log.
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
      // A link at that name is removed, not followed.
      rmSync(`${path}.1`, { force: true });
      copyFileSync(path, `${path}.1`, constants.COPYFILE_EXCL);
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
      if (repeats > 0)
        write(`(the last message was repeated ${repeats === 1 ? 'once' : `${repeats} times`})`);
      last = message;
      repeats = 0;
      write(message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message);
    } catch {
      // A log that can't be written (full disk, removed folder) must not end the cloud. Other watches end it in an
      // orderly way.
    }
  };
}
