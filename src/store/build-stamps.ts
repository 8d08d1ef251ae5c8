import { join } from 'node:path';
import { checkDocument, type DocumentKind } from './document.ts';
import { readPlain, writeWhole } from './files.ts';
import { object, text } from './shapes.ts';

/**
 * The file in a build's output folder that says which sources the build was made from. A former build, the published
 * package's included, is used as long as it fits. Time stamps can't say it: npm and git set their own.
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

/** SHA-256, hex, of the sources that a folder was built from; undefined where no readable stamp says it. */
export async function readBuildStamp(outputFolder: string): Promise<string | undefined> {
  const stamp = await readPlain(join(outputFolder, STAMP_FILE));
  if (stamp === undefined) return undefined;
  const checked = checkDocument(stamp, BUILD_STAMP);
  // A stamp that something else wrote proves nothing, so the runtime is built again, which replaces the stamp.
  return checked.state === 'good' ? checked.document.sourcesSha256 : undefined;
}

/** Records that an output folder was made from sources with this hash. @throws as `writeWhole` */
export async function writeBuildStamp(outputFolder: string, sourcesSha256: string): Promise<void> {
  const stamp: BuildStamp = { sourcesSha256 };
  await writeWhole(join(outputFolder, STAMP_FILE), `${JSON.stringify(stamp)}\n`);
}
