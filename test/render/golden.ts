import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const FOLDER = new URL('../golden/', import.meta.url);

/**
 * Holds a text against its golden file in test/golden. `UPDATE_GOLDEN=1` writes the file instead, to be looked at
 * before it is committed; under CI it never does.
 */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.UPDATE_GOLDEN === '1' && process.env.CI === undefined) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  expect(existsSync(file), `test/golden/${name} is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
