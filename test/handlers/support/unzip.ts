import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

export interface UnzippedFile {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
  /** As the zip stores it: local fields without a zone. */
  readonly dosDate: number;
  readonly dosTime: number;
  readonly hasExtraFields: boolean;
}

/** The files of a zip in the order of its directory, read by another library than the one that wrote it. */
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
