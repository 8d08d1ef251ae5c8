import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A zip of text files, by name. */
export async function zip(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    archive.addBuffer(Buffer.from(content), name, { mode: 0o100644 });
  }
  archive.end();
  return buffer(archive.outputStream as unknown as NodeJS.ReadableStream);
}
