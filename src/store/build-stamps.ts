import { join } from 'node:path';
import { checkDocument, type DocumentKind } from './document.ts';
import { readPlain, writeWhole } from './files.ts';
import { object, text } from './shapes.ts';

/**
 * The file in a build's output folder that identifies the sources of the build. An earlier build, also that of the
 * published package, is used while its sources are unchanged. Modification times can't show this, because npm and git
 * set their own.
 */
const STAMP_FILE = '.shedbench-build.json';

interface BuildStamp {
  readonly sourcesSha256: string;
}

const BUILD_STAMP: DocumentKind<BuildStamp> = {
  name: 'build stamp',
  shape: object<BuildStamp>({ sourcesSha256: text }),
  hint: 'The next build writes it again',
};

/** The SHA-256, hex, of the sources from which a folder was built. Undefined without a readable stamp. */
export async function readBuildStamp(outputFolder: string): Promise<string | undefined> {
  const stamp = await readPlain(join(outputFolder, STAMP_FILE));
  if (stamp === undefined) return undefined;
  const checked = checkDocument(stamp, BUILD_STAMP);
  // A stamp of another program says nothing about the build. The runtime is built again, which replaces the stamp.
  return checked.state === 'good' ? checked.document.sourcesSha256 : undefined;
}

/** Records that an output folder was made from sources with this hash. @throws as `writeWhole` */
export async function writeBuildStamp(outputFolder: string, sourcesSha256: string): Promise<void> {
  const stamp: BuildStamp = { sourcesSha256 };
  await writeWhole(join(outputFolder, STAMP_FILE), `${JSON.stringify(stamp)}\n`);
}
