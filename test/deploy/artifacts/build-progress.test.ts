import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBuildProgress } from '../../../src/deploy/artifacts/build-progress.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shedbench-build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a build by cargo says which package of how many it is at', () => {
  writeFileSync(join(folder, 'Cargo.lock'), '[[package]]\nname = "a"\n\n[[package]]\nname = "b"\n');
  const progress = createBuildProgress(folder);
  expect(progress('   Compiling serde v1.0.2')).toBe('package 1 of at most 2: serde');
  expect(progress('warning: unused')).toBe('warning: unused');
  expect(progress('   Compiling ring v0.17')).toBe('package 2 of at most 2: ring');
});

test('another tool is quoted line by line', () => {
  expect(createBuildProgress(folder)('   Compiling main.go')).toBe('   Compiling main.go');
});
