// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Fn::Sub's.
import { describe, expect, test } from 'vitest';
import { resolveParameters } from '../../../../src/local/services/cloudformation/engine/parameters.ts';
import {
  type PreparedTemplate,
  prepareTemplate,
} from '../../../../src/local/services/cloudformation/engine/prepare.ts';
import { parseTemplate } from '../../../../src/local/services/cloudformation/engine/template.ts';
import { FakeWorld, fakeTypes } from '../support/fake-types.ts';

const IDENTITY = {
  accountId: '123456789012',
  region: 'eu-west-3',
  stackId: 'arn:aws:cloudformation:eu-west-3:123456789012:stack/shed/1',
  stackName: 'shed',
};

function prepare(body: string, values: Readonly<Record<string, string>> = {}): PreparedTemplate {
  const template = parseTemplate(body);
  const given = Object.entries(values).map(([key, value]) => ({ key, value }));
  return prepareTemplate(
    template,
    resolveParameters(template.parameters, given),
    IDENTITY,
    fakeTypes(new FakeWorld()),
  );
}

describe('a prepared template', () => {
  test('a prepared template orders resources by reference and by DependsOn, otherwise as they stand', () => {
    const prepared = prepare(`
Resources:
  D: { Type: Test::Fake::Thing, DependsOn: [C, A] }
  C: { Type: Test::Fake::Thing, Properties: { Link: !Sub 'x-\${B.Arn}' } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
  A: { Type: Test::Fake::Thing }
  E: { Type: Test::Fake::Thing }
`);
    expect(prepared.order).toEqual(['A', 'E', 'B', 'C', 'D']);
    expect([...(prepared.resources.get('D')?.dependencies ?? [])]).toEqual(['C', 'A']);
  });

  test('a prepared template leaves out what its condition leaves out, and what only a branch not taken needs', () => {
    const body = `
Parameters: { Mode: { Type: String } }
Conditions: { Full: !Equals [!Ref Mode, full] }
Resources:
  A: { Type: Test::Fake::Thing, Condition: Full }
  B: { Type: Test::Fake::Thing, DependsOn: A, Properties: { Link: !If [Full, !Ref A, none] } }
Outputs:
  Only: { Condition: Full, Value: !Ref A }
  Always: { Value: !If [Full, !Ref A, none] }
`;
    const small = prepare(body, { Mode: 'small' });
    expect(small.order).toEqual(['B']);
    expect(small.outputs.map((output) => output.key)).toEqual(['Always']);
    expect(prepare(body, { Mode: 'full' }).order).toEqual(['A', 'B']);
  });

  test.each([
    [
      'Resources: {A: {Type: Test::Fake::Thing, DependsOn: Ghost}}',
      'Template format error: Unresolved resource dependencies [Ghost] in the Resources block of the template',
    ],
    [
      "Resources: {A: {Type: Test::Fake::Thing, Properties: {Link: !Sub '${Ghost}-${Spook.Arn}'}}}",
      'Template format error: Unresolved resource dependencies [Ghost, Spook] in the Resources block of the template',
    ],
    [
      'Resources: {A: {Type: Test::Fake::Thing}}\nOutputs: {O: {Value: !Ref Ghost}}',
      'Template format error: Unresolved resource dependencies [Ghost] in the Outputs block of the template',
    ],
    [
      'Resources: {A: {Type: Test::Fake::Thing}, B: {Type: Test::Fake::Thing, Properties: {Link: !GetAtt A.Nose}}}',
      'Template error: resource A does not support attribute type Nose in Fn::GetAtt',
    ],
    [
      'Resources: {A: {Type: Test::Fake::Thing, Condition: Ghost}}',
      'Template format error: Unresolved condition dependency Ghost in the Resources block of the template',
    ],
    [
      `
Resources:
  A: { Type: Test::Fake::Thing, Properties: { Link: !Ref C } }
  B: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
  C: { Type: Test::Fake::Thing, DependsOn: B }
  D: { Type: Test::Fake::Thing, DependsOn: A }
`,
      'Circular dependency between resources: [A, B, C]',
    ],
    [
      'Resources: {A: {Type: Test::Fake::Thing, Properties: {Link: !Ref A}}}',
      'Circular dependency between resources: [A]',
    ],
    [
      `
Conditions: { Never: !Equals [1, 2] }
Resources:
  A: { Type: Test::Fake::Thing, Condition: Never }
  B: { Type: Test::Fake::Thing, Properties: { Link: !Ref A } }
`,
      'Template format error: Unresolved resource dependencies [A] in the Resources block of the template',
    ],
    [
      'Conditions: {C: !Equals [!Ref A, 1]}\nResources: {A: {Type: Test::Fake::Thing}}',
      'Template error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template',
    ],
  ])('a prepared template is refused: %j', (body, message) => {
    expect(() => prepare(body)).toThrow(expect.objectContaining({ code: 'ValidationError', message }));
  });

  test('a prepared template finds what is wrong with properties without knowing what resources will be', () => {
    const { problems } = prepare(`
Resources:
  A:
    Type: Test::Fake::Thing
    Properties:
      Foo: 1
      Size: 11
      Color: pink
      Flag: perhaps
      Link: [a]
      Name: ''
      Parts: [{ Id: x, Weight: heavy }, { Weight: 1, Height: 2 }]
      Exotic: 1
  B: { Type: Test::Fake::Pin, Properties: { Place: !Ref A } }
  C: { Type: Test::Fake::Pin }
`);
    expect(problems.map((problem) => [problem.logicalId, problem.kind, problem.message])).toEqual([
      ['A', 'unsupported', 'Encountered unsupported property Foo'],
      ['A', 'invalid', '#/Size: 11 is not less or equal to 10'],
      ['A', 'invalid', '#/Color: pink is not a valid enum value'],
      ['A', 'invalid', 'Value of property Flag must be of type Boolean'],
      ['A', 'invalid', 'Value of property Link must be of type String'],
      ['A', 'invalid', '#/Name: expected minLength: 1, actual length: 0'],
      ['A', 'invalid', 'Value of property Weight must be of type Integer'],
      ['A', 'unsupported', 'Encountered unsupported property Height'],
      ['A', 'required', 'Required property [Id] not found'],
      [
        'A',
        'not-emulated',
        '#/Exotic: this property of Test::Fake::Thing is not emulated by the local cloud',
      ],
      ['C', 'required', 'Required property [Place] not found'],
    ]);
  });

  test('a prepared template knows the pseudo parameters', () => {
    const prepared = prepare(`
Resources: { A: { Type: Test::Fake::Thing } }
Outputs:
  O: { Value: !Sub '\${AWS::Partition} \${AWS::AccountId} \${AWS::Region} \${AWS::StackName} \${AWS::URLSuffix}' }
`);
    const environment = prepared.environment({ resource: () => 'x', attribute: () => 'x' });
    expect(environment.parameter('AWS::StackId')).toBe(IDENTITY.stackId);
    expect(environment.parameter('AWS::NotificationARNs')).toEqual([]);
    expect(environment.parameter('AWS::Partition')).toBe('aws');
    expect(environment.parameter('AWS::URLSuffix')).toBe('amazonaws.com');
  });
});
