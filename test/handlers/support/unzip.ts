import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

export interface UnzippedFile {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
  /** The date in the format of the zip, which has no time zone. */
  readonly dosDate: number;
  readonly dosTime: number;
  readonly hasExtraFields: boolean;
}

/** Returns the files of a zip in the order of its directory. The library is another than the one that writes zips. */
export async function unzip(zip: Buffer): Promise<readonly UnzippedFile[]> {
  const reader = await fromBufferPromise(zip);
  const files: UnzippedFile[] = [];
  for await (const entry of reader.eachEntry()) {
    files.push({
      name: entry.fileName,
      mode: entry.externalFileAttributes >>> 16,
      bytes: await buffer(await reader.openReadStreamPromise(entry)),
      dosDate: entry.lastModFileDate,
      dosTime: entry.lastModFileTime,
      hasExtraFields: entry.extraFieldLength > 0,
    });
  }
  return files;
}
