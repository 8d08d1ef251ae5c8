import { execFileSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import source from '../../src/load/young-generation.ts?raw';

const MODULE = transformSync(source, { loader: 'ts' }).code;

const KEEP_MANY =
  'const kept = []; const keepMany = () => { for (let n = 0; n < 3e5; n++) kept.push({ n }); };';
const PRINT_SIZE =
  "const printSize = () => console.log(v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);";

/** Runs code in a process of its own, beside the functions of the module. Returns the sizes that it prints, bytes. */
function sizesOf(code: string): number[] {
  const script = [MODULE, KEEP_MANY, PRINT_SIZE, code].join('\n');
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return printed.trim().split('\n').map(Number);
}

test('the young generation keeps its size while a load runs, and grows again after it', () => {
  const [before, during, after] = sizesOf(
    'keepMany(); printSize(); await withSmallYoungGeneration(async () => { keepMany(); printSize(); }); keepMany(); keepMany(); printSize();',
  );
  expect(during).toBe(before);
  expect(after).toBeGreaterThan(Number(during));
});

test('a command that keeps the young generation small keeps it small after its load, too', () => {
  const [small = Number.NaN] = sizesOf(
    'keepYoungGenerationSmall(); await withSmallYoungGeneration(async () => {}); keepMany(); printSize();',
  );
  const [usual] = sizesOf('keepMany(); printSize();');
  expect(usual).toBeGreaterThan(2 * small);
});
