import { existsSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, in the order in which they start. Vitest knows durations only from an earlier run, and
 * it sorts by size in a fresh clone. Then a small file with a long test could start last, and one core would have nothing
 * else to do. A file that mostly waits for other processes stands between files that compute, so that four workers keep
 * two cores busy.
 */
const LONGEST_FIRST: readonly string[] = [
  'test/local/sandboxes/faults.test.ts',
  'test/local/sandboxes/as-lambda.test.ts',
  'test/local/process/lifecycle.test.ts',
  'test/local/dynamodb/as-lambda.test.ts',
  'test/local/logs/queries.test.ts',
  'test/local/process/public-clients.test.ts',
  'test/local/s3/multipart.test.ts',
  'test/local/sandboxes/concurrency.test.ts',
  'test/local/cloudformation/templates-on-the-cloud.test.ts',
  'test/local/sandboxes/node-runtime.test.ts',
  'test/local/process/independent-client.test.ts',
  'test/local/sandboxes/private-tmp.test.ts',
  'test/local/sandboxes/other-functions.test.ts',
  'test/local/http/server.test.ts',
  'test/local/sandboxes/python-runtime.test.ts',
  'test/local/resources/published-templates.test.ts',
  'test/e2e/local-bench.test.ts',
  'test/e2e/as-lambda.test.ts',
  'test/e2e/moto.test.ts',
  'test/emulators/emulators.test.ts',
  'test/contract/local-cloud.test.ts',
  'test/e2e/local-faults.test.ts',
  'test/e2e/own-functions.test.ts',
  'test/load/fleet/on-local-cloud.test.ts',
  'test/render/html.test.ts',
  'test/handlers/fairness.test.ts',
  'test/deploy/on-local-cloud.test.ts',
  'test/load/fleet/fleet-engine.test.ts',
  'test/load/limits.test.ts',
  'test/targets/local-cloud.test.ts',
  'test/load/virtual-time.test.ts',
  'test/e2e/bad-input.test.ts',
  'test/contract/demo-scripts.test.ts',
  'test/contract/verify.test.ts',
];

/** Vitest's order of the projects, and within a project the longest files first. */
export class LongestFirst extends BaseSequencer {
  /** @throws Error if a file of the list does not exist. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST_FIRST.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)));
    if (gone.length > 0)
      throw new Error(`test/longest-first.ts names files that do not exist: ${gone.join()}`);
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST_FIRST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return index < 0 ? LONGEST_FIRST.length : index;
    };
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).sort((a, b) => rank(a) - rank(b)),
    );
  }
}
