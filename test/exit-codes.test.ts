import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPORT_EXIT_CODES } from '../src/model/report.ts';

const SRC = new URL('../src/', import.meta.url).pathname;

/** An exit code of the program written as a number. Those of other programs are compared, and never set to a number. */
const BARE_EXIT_CODE = /\bexitCode\??:\s*\d|\bcodes\.includes\(\d|\bprocess\.(?:exit\(|exitCode\s*=\s*)\d/;

test('the client gives every exit code by its name in EXIT', () => {
  // The local cloud imports nothing of the client, and has no exit codes of these meanings.
  const bare = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('local'))
    .flatMap((name) =>
      readFileSync(join(SRC, name), 'utf8')
        .split('\n')
        .flatMap((line, index) => (BARE_EXIT_CODE.test(line) ? [`${name}:${index + 1} ${line.trim()}`] : [])),
    );
  expect(bare).toEqual([]);
});

test('the exit codes of the published report schema are those that a report can have', () => {
  const schema = readFileSync(new URL('../docs/report-schema.json', import.meta.url), 'utf8');
  const { exitCode } = JSON.parse(schema).$defs.problem.properties;
  expect(exitCode.enum).toEqual(REPORT_EXIT_CODES);
});
