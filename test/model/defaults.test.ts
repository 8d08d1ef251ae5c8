import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLoadPlan } from '../../src/load/load-plan.ts';
import { FUNCTION_DEFAULTS, LOAD_DEFAULTS } from '../../src/model/defaults.ts';
import { shedSubject } from '../../src/model/subject.ts';
import { loadTemplate } from '../templates/load-template.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

test('a load without options has the defaults of the catalogue', () => {
  const { parallel, calls, m, n, startAt, retries, threads, timeoutMs } = LOAD_DEFAULTS;
  expect(createLoadPlan({ route: 'cat' })).toMatchObject({
    ...{ parallel, calls, startAt, retries, threads, timeoutMs },
    requests: shedSubject('cat', { m, n }).requests.map(({ planned }) => planned),
  });
});

test('the templates have the defaults of the deployed functions', () => {
  const defaultsOf = (name: string) => {
    const text = readFileSync(join(ROOT, 'templates', name), 'utf8');
    const { Parameters } = loadTemplate(text) as {
      Parameters: Record<string, { Default?: unknown }>;
    };
    return Object.fromEntries(Object.entries(Parameters).map(([key, value]) => [key, value.Default]));
  };
  expect(defaultsOf('api.yaml')).toMatchObject({
    Architecture: FUNCTION_DEFAULTS.architecture,
    MemorySize: FUNCTION_DEFAULTS.memorySizeMB,
    AllowOrigin: FUNCTION_DEFAULTS.allowOrigin,
    LogRetentionDays: FUNCTION_DEFAULTS.logRetentionDays,
  });
  expect(defaultsOf('fleet.yaml').Architecture).toBe(FUNCTION_DEFAULTS.architecture);
});

test('no file of the client but the catalogue of defaults chooses an architecture', () => {
  const found = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('local') && name !== 'model/defaults.ts')
    .filter((name) =>
      /(?:\?\?|[^=!]=) '(?:arm64|x86_64)'/.test(readFileSync(join(ROOT, 'src', name), 'utf8')),
    );
  expect(found).toEqual([]);
});
