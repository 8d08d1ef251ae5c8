import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Report } from '../../../src/model/report.ts';
import { isMode, type Mode } from './modes.ts';

/** What all benches of a chain have in common. */
export interface ChainSettings {
  readonly mode: Mode;
  /** Measured calls per route and runtime. */
  readonly calls: number;
  /** Calls in flight at once. */
  readonly parallel: number;
  readonly rounds: number;
  /** As `--routes` takes them. */
  readonly routes: string;
}

export interface BenchEntry {
  readonly startedAtEpochMs: number;
  readonly tookMs: number;
  readonly disturbed: boolean;
  readonly exitCode: number | null;
}

/** What held for all chains whose files do not say it. */
const FORMER_SETTINGS = { parallel: 2 };

/** A chain of benches on disk: an index, and one report per bench beside it. */
export interface ChainState {
  readonly settings: ChainSettings;
  readonly benches: readonly BenchEntry[];
  /** The report of a bench, as `bench --format json` wrote it. */
  report(index: number): Report;
  reportFile(index: number): string;
  add(entry: BenchEntry): void;
}

/** Opens a chain, or begins one. @throws Error where FILE holds a chain of other settings */
export function openState(file: string, settings: ChainSettings): ChainState {
  const folder = `${file}.reports`;
  mkdirSync(folder, { recursive: true });
  const benches: BenchEntry[] = existsSync(file) ? readBenches(file, settings) : [];
  const reportFile = (index: number) => join(folder, `${index}.json`);
  return {
    settings,
    benches,
    report: (index) => JSON.parse(readFileSync(reportFile(index), 'utf8')) as Report,
    reportFile,
    add(entry) {
      benches.push(entry);
      writeFileSync(file, `${JSON.stringify({ settings, benches }, undefined, 1)}\n`);
    },
  };
}

function readBenches(file: string, settings: ChainSettings): BenchEntry[] {
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly settings: ChainSettings;
    readonly benches: BenchEntry[];
  };
  const found = { ...FORMER_SETTINGS, ...state.settings };
  if (!isMode(found.mode) || !isDeepStrictEqual(found, settings)) {
    throw new Error(`${file} is a chain of other settings: ${JSON.stringify(state.settings)}`);
  }
  return state.benches;
}
