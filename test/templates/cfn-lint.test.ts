import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hasProgram } from '../at-hand.ts';
import { TEMPLATE_NAMES, templatePath, templateText } from './support.ts';

/** cfn-lint starts in seconds and reads every schema of a region. */
const LIMIT_MS = 120_000;
const hasLinter = hasProgram('cfn-lint');

test.skipIf(!hasLinter)(
  `cfn-lint finds nothing in the templates${hasLinter ? '' : ' (cfn-lint is not installed: pip install cfn-lint)'}`,
  () => {
    const { stdout, stderr, status } = spawnSync(
      'cfn-lint',
      ['--include-checks', 'I', '--format', 'parseable', '--', ...TEMPLATE_NAMES.map(templatePath)],
      { encoding: 'utf8', timeout: LIMIT_MS },
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  },
  LIMIT_MS,
);

test('a template switches no check off without a reason beside it', () => {
  for (const name of TEMPLATE_NAMES) {
    const lines = templateText(name).split('\n');
    for (const [index, line] of lines.entries()) {
      if (!/cfn-lint|ignore_checks/.test(line)) continue;
      expect(lines[index - 1], `${templatePath(name)}:${index + 1}`).toMatch(/#/);
    }
  }
});
