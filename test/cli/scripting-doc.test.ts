import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/scripting.md'), 'utf8');

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  .join('\n');

/** The schemas of files and answers that only the program's own processes exchange. Scripts do not read them. */
const INTERNAL = new Set(['shedbench/local@1', 'shedbench/machine@1', 'shedbench/calibration@1']);

const allOf = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

describe('docs/scripting.md', () => {
  test('docs/scripting.md names every schema that the program writes, and no other', () => {
    const written = allOf(sources, /'(shedbench\/[a-z-]+@\d+)'/g).filter((name) => !INTERNAL.has(name));
    expect(written.length).toBeGreaterThan(10);
    expect(allOf(page, /`(shedbench\/[a-z-]+@\d+)`/g)).toEqual(written);
  });

  test('docs/scripting.md names every type of event', () => {
    const events = readFileSync(join(root, 'src/model/events.ts'), 'utf8');
    const types = allOf(events, /type: '([a-z-]+)'/g);
    expect(types.length).toBeGreaterThan(10);
    for (const type of types) expect(page).toContain(`\`${type}\``);
  });

  test('docs/scripting.md names every environment variable of its own', () => {
    const variables = allOf(sources, /env\.(SHEDBENCH_[A-Z]+)/g);
    expect(variables).toContain('SHEDBENCH_TARGET');
    for (const variable of variables) expect(page).toContain(variable);
  });
});
