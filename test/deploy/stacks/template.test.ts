import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/deploy/artifacts/package-root.ts';
import { apiSpec, assetsSpec, type FunctionSettings } from '../../../src/deploy/stacks/stack-specs.ts';
import { MAX_TEMPLATE_BODY_BYTES, readTemplate, toTemplate } from '../../../src/deploy/stacks/template.ts';
import { loadTemplate } from '../../templates/load-template.ts';
import { packagedRuntime } from '../world.ts';

const SETTINGS: FunctionSettings = {
  architecture: 'arm64',
  memorySizeMB: 128,
  allowOrigin: '*',
  logRetentionDays: 7,
};

interface TemplateText {
  readonly Parameters: Record<string, { readonly Default?: unknown }>;
  readonly Resources: Record<string, unknown>;
}

function parsed(text: string): TemplateText {
  return loadTemplate(text) as TemplateText;
}

describe.each(['api', 'assets'] as const)('templates/%s.yaml as it is sent', (name) => {
  const text = readFileSync(join(packageRoot(), 'templates', `${name}.yaml`), 'utf8');

  test('the template that is sent equals the file without its comments', async () => {
    const { body } = await readTemplate(name);
    expect(parsed(body)).toEqual(parsed(text));
    expect(body).not.toMatch(/^\s*#/m);
  });

  test('the template fits into one request', async () => {
    const { body } = await readTemplate(name);
    expect(Buffer.byteLength(body)).toBeLessThan(MAX_TEMPLATE_BODY_BYTES);
  });

  test('the template counts its resources', async () => {
    const { resourceCount } = await readTemplate(name);
    expect(resourceCount).toBe(Object.keys(parsed(text).Resources).length);
  });
});

describe('the parameters that are sent', () => {
  test('the parameters that are sent are all that the API template asks for, and none that it does not know', async () => {
    const template = await readTemplate('api');
    const { Parameters } = parsed(template.body);
    const spec = apiSpec(
      'shed',
      packagedRuntime('shed', 'node'),
      SETTINGS,
      'bucket',
      template,
      '0.1.0',
      true,
    );
    const asked = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined);
    expect(Object.keys(spec.parameters)).toEqual(expect.arrayContaining(asked));
    expect(Object.keys(Parameters)).toEqual(expect.arrayContaining(Object.keys(spec.parameters)));
  });

  test('the parameters that are sent are exactly those of the assets template', async () => {
    const template = await readTemplate('assets');
    const { Parameters } = parsed(template.body);
    expect(Object.keys(assetsSpec('shed', template, '0.1.0').parameters).sort()).toEqual(
      Object.keys(Parameters).sort(),
    );
  });
});

test('another allowed origin is another Deployment, which the stage points at', async () => {
  const template = await readTemplate('api');
  const deployments = ['*', 'https://example.org', '*'].map((allowOrigin) => {
    const packaged = packagedRuntime('shed', 'node');
    const { body, sha256 } = apiSpec(
      'shed',
      packaged,
      { ...SETTINGS, allowOrigin },
      'bucket',
      template,
      '0.1.0',
      false,
    ).template;
    const { Resources } = parsed(body);
    const ids = Object.keys(Resources).filter((id) => id.startsWith('Deployment'));
    expect(ids).toHaveLength(1);
    expect(Resources.Stage).toMatchObject({ Properties: { DeploymentId: { '!Ref': ids[0] } } });
    return [ids[0], sha256];
  });
  expect(deployments[0]).toEqual(deployments[2]);
  expect(deployments[0]?.[0]).not.toBe(deployments[1]?.[0]);
  expect(deployments[0]?.[1]).not.toBe(deployments[1]?.[1]);
});

test('a template above the limit is a defect', () => {
  expect(() => toTemplate('x'.repeat(MAX_TEMPLATE_BODY_BYTES + 1))).toThrow(/CloudFormation takes 51200/);
});

test('a hash sign within a line is no comment', () => {
  expect(toTemplate('A: "# not"\n  # one\n\nB: c # kept\n').body).toBe('A: "# not"\nB: c # kept\n');
});
