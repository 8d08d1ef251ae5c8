import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, fileError, usageError } from '../errors.ts';
import { mergeRuns } from '../load/merge/merge-runs.ts';
import { createRunId, inId } from '../load/run-record.ts';
import type { CommandDeps, CommandResult } from '../model/command.ts';
import type { RunRecord } from '../model/run.ts';
import { readLoadDocument } from '../store/load-documents.ts';
import { tryRunsFolder, writeRun } from '../store/runs.ts';
import { type LoadCommandResult, latencyOf } from './load.ts';

export interface MergeOptions {
  /** Files that `load --json` or `merge --json` wrote, at least two. */
  readonly files: readonly string[];
}

/**
 * Merges loads of the same subject by several machines: the runs of one runtime and route become one run. The result
 * has the form of a load's result, so it can be merged again. The merged records are kept like those of a load, for
 * `report`. Exit 1 if a part was not complete.
 *
 * @throws ShedbenchError exit 2 for a file that contains no load, and for runs that are not parts of one load
 */
export async function merge(
  options: MergeOptions,
  deps: CommandDeps,
): Promise<CommandResult<LoadCommandResult>> {
  const runs = (await Promise.all(options.files.map((file) => readRuns(file, deps)))).flat();
  const names = [...new Set(runs.map(nameOf))];
  const benchId = createRunId(deps, 'merged');
  const merged = names.map((name) =>
    mergeGroup(
      name,
      runs.filter((run) => nameOf(run) === name),
      benchId,
      options,
      deps,
    ),
  );
  await tryRunsFolder(deps.cwd);
  for (const run of merged) await writeRun(deps.cwd, run);
  return {
    exitCode: merged.every(({ state }) => state === 'complete') ? EXIT.ok : EXIT.fellShort,
    data: {
      schema: 'shedbench/load@1',
      benchId,
      interrupted: false,
      runs: merged,
      latencies: merged.map(latencyOf),
      origins: [],
      thresholds: [],
    },
  };
}

const nameOf = ({ route, runtime }: RunRecord): string => `${route}-${runtime}`;

function mergeGroup(
  name: string,
  parts: readonly RunRecord[],
  benchId: string,
  { files }: MergeOptions,
  { toolVersion }: CommandDeps,
): RunRecord {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) {
    throw usageError(
      'nothing-to-merge',
      `Of ${files.join(', ')}, only one contains a run of ${name.replace('-', ' by ')}.`,
      'Load the same route and runtimes on every machine',
    );
  }
  return mergeRuns([first, ...others], { id: `${benchId}-${inId(name)}`, benchId, toolVersion });
}

async function readRuns(file: string, deps: CommandDeps): Promise<readonly RunRecord[]> {
  let text: string;
  try {
    text = await readFile(resolve(deps.cwd, file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error) ?? error;
    throw usageError(
      'no-such-load',
      `There is no file ${file}.`,
      'shedbench load --json > load.json writes one',
    );
  }
  return readLoadDocument(text, file);
}
