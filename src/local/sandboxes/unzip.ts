import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

/** A deployment package that can't be unpacked. The message names the entry and the reason. */
export class BadZip extends Error {
  override readonly name = 'BadZip';
}

export interface UnzipLimits {
  /** The bytes of all files together. */
  readonly totalBytes: number;
  readonly entries: number;
}

/** Lambda's limit of unzipped code. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_UNZIP_LIMITS: UnzipLimits = { totalBytes: 262_144_000, entries: 100_000 };

const inflate = promisify(inflateRaw);

/** Compression methods of a zip. */
const STORED = 0;
const DEFLATED = 8;

const UNIX_HOST = 3;
const FILE_TYPE_MASK = 0o170000;
const SYMLINK = 0o120000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/**
 * Unpacks a zip into `folder`, which is created if needed. Files keep the permission bits of the zip. It refuses
 * entries that lie outside the folder, and entries that are neither files nor folders.
 * @returns the number of bytes written
 * @throws BadZip
 */
export async function unzip(
  zip: Buffer,
  folder: string,
  limits: UnzipLimits = LAMBDA_UNZIP_LIMITS,
): Promise<number> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true });
  const archive = await open(zip);
  if (archive.entryCount > limits.entries) throw new BadZip(`more than ${limits.entries} entries`);
  let totalBytes = 0;
  /** Folders get their modes at the end, because a read-only one must be filled first. */
  const folderModes: { readonly path: string; readonly mode: number }[] = [];

  for await (const entry of entries(archive)) {
    const path = destination(root, entry.fileName);
    const mode = modeOf(entry);
    if (entry.isEncrypted()) throw new BadZip(`${entry.fileName} is encrypted`);
    try {
      if (mode.type === 'folder') {
        await mkdir(path, { recursive: true });
        if (mode.bits !== undefined) folderModes.push({ path, mode: mode.bits });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      const content = await contentOf(zip, archive, entry, limits.totalBytes - totalBytes);
      if (content === undefined) {
        throw new BadZip(`Unzipped size must be smaller than ${limits.totalBytes} bytes`);
      }
      totalBytes += content.length;
      await writeFile(path, content, { mode: 0o600 });
      await chmod(path, mode.bits ?? 0o644);
    } catch (error) {
      throw error instanceof BadZip ? error : new BadZip(`${entry.fileName}: ${messageOf(error)}`);
    }
  }
  for (const { path, mode } of folderModes.reverse()) await chmod(path, mode | 0o700);
  return totalBytes;
}

function open(zip: Buffer): Promise<ZipFile> {
  return new Promise((resolvePromise, reject) => {
    fromBuffer(zip, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true }, (error, file) => {
      if (error !== null) reject(new BadZip(messageOf(error)));
      else resolvePromise(file);
    });
  });
}

async function* entries(archive: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolvePromise, reject) => {
      const settle = (finish: () => void): void => {
        archive.off('entry', onEntry);
        archive.off('end', onEnd);
        archive.off('error', onError);
        finish();
      };
      const onEntry = (next: Entry): void => settle(() => resolvePromise(next));
      const onEnd = (): void => settle(() => resolvePromise(undefined));
      const onError = (error: unknown): void => settle(() => reject(new BadZip(messageOf(error))));
      archive.on('entry', onEntry);
      archive.on('end', onEnd);
      archive.on('error', onError);
      archive.readEntry();
    });
    if (entry === undefined) return;
    yield entry;
  }
}

/**
 * Returns the content of a file in the zip. It is unpacked at once: as a stream, a package of a few files takes twice the
 * CPU time.
 * @param maxBytes the sizes that a zip declares may be wrong, so the content itself is limited
 * @returns undefined if the content has more bytes
 */
async function contentOf(
  zip: Buffer,
  archive: ZipFile,
  entry: Entry,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const start = await dataStart(archive, entry);
  const data = zip.subarray(start, start + entry.compressedSize);
  const content = await decompressed(data, entry, maxBytes);
  if (content === undefined || content.length > maxBytes) return undefined;
  if (content.length !== entry.uncompressedSize) {
    throw new Error(`it has ${content.length} bytes, and the zip says ${entry.uncompressedSize}`);
  }
  return content;
}

async function decompressed(data: Buffer, entry: Entry, maxBytes: number): Promise<Buffer | undefined> {
  if (entry.compressionMethod === STORED) return data;
  if (entry.compressionMethod !== DEFLATED) {
    throw new Error(`its compression method ${entry.compressionMethod} is not supported`);
  }
  try {
    // A buffer for the whole content saves growing it. zlib takes no limit of 0, and no buffer below 64 bytes.
    const chunkSize = Math.max(64, Math.min(entry.uncompressedSize, maxBytes) + 1);
    return await inflate(data, { chunkSize, maxOutputLength: maxBytes + 1 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

/** Where the data of an entry begins in the zip. */
function dataStart(archive: ZipFile, entry: Entry): Promise<number> {
  return new Promise((resolvePromise, reject) => {
    archive.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
      if (error !== null) reject(error);
      else resolvePromise(header.fileDataStart);
    });
  });
}

/**
 * Returns the path to write an entry to. yauzl refuses `..`, `\` and absolute names already; this checks again by the
 * rules of the file system.
 */
function destination(root: string, name: string): string {
  if (name.includes('\0')) throw new BadZip(`${JSON.stringify(name)} is not a valid file name`);
  const path = resolve(join(root, name));
  if (path !== root && !path.startsWith(root + sep)) throw new BadZip(`${name} lies outside the package`);
  return path;
}

function modeOf(entry: Entry): { readonly type: 'file' | 'folder'; readonly bits: number | undefined } {
  const isFolderName = entry.fileName.endsWith('/');
  // Only a zip that was made on Unix has permission bits.
  if (entry.versionMadeBy >>> 8 !== UNIX_HOST) {
    return { type: isFolderName ? 'folder' : 'file', bits: undefined };
  }
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & FILE_TYPE_MASK;
  if (type === SYMLINK) throw new BadZip(`${entry.fileName} is a symbolic link`);
  if (type !== 0 && type !== REGULAR && type !== FOLDER) {
    throw new BadZip(`${entry.fileName} is neither a file nor a folder`);
  }
  return { type: isFolderName || type === FOLDER ? 'folder' : 'file', bits: mode & 0o777 };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
