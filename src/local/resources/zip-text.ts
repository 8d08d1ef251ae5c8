import { ZipFile } from 'yazl';

/** Makes a zip that contains one file with that text. */
export function zipText(fileName: string, text: string): Promise<Buffer> {
  const archive = new ZipFile();
  archive.addBuffer(Buffer.from(text), fileName, { mode: 0o100644 });
  archive.end();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    archive.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    archive.outputStream.on('end', () => resolve(Buffer.concat(chunks)));
    archive.outputStream.on('error', reject);
  });
}
