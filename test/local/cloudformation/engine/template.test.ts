import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../../../../src/local/services/cloudformation/engine/template.ts';

const one = (rest: string): string => `Resources: {A: {Type: T}}\n${rest}`;

describe('template structure', () => {
  test('a template reads what each part declares', () => {
    const template = parseTemplate(`
AWSTemplateFormatVersion: 2010-09-09
Description: a shed
Parameters:
  P: { Type: Number, Default: 3, MinValue: 1, NoEcho: true, AllowedValues: [1, 3] }
Conditions:
  C: !Equals [!Ref P, 3]
Resources:
  A:
    Type: T
    DependsOn: B
    Condition: C
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Metadata: { k: v }
    Properties: { X: 1 }
  B: { Type: T, DependsOn: [] }
Outputs:
  O: { Value: x, Description: d, Condition: C }
`);
    expect(template.description).toBe('a shed');
    expect(template.parameters.get('P')).toEqual({
      name: 'P',
      type: 'Number',
      defaultValue: '3',
      minValue: 1,
      noEcho: true,
      allowedValues: ['1', '3'],
    });
    expect(template.resources.get('A')).toEqual({
      logicalId: 'A',
      type: 'T',
      properties: { X: 1 },
      dependsOn: ['B'],
      condition: 'C',
      deletionPolicy: 'RetainExceptOnCreate',
      updateReplacePolicy: 'Retain',
      metadata: { k: 'v' },
    });
    expect(template.resources.get('B')).toMatchObject({
      dependsOn: [],
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    });
    expect(template.outputs.get('O')).toEqual({ key: 'O', value: 'x', description: 'd', condition: 'C' });
  });

  test.each([
    ['Resources: {}', 'Template format error: At least one Resources member must be defined.'],
    ['Outputs: {}', 'Template format error: At least one Resources member must be defined.'],
    ['Resources: {A: text}', 'Template format error: Any Resources member must be an object.'],
    [
      'Resources: {A: {}}',
      'Template format error: [/Resources/A] Every Resources object must contain a Type member.',
    ],
    ['Resources: {A-B: {Type: T}}', 'Template format error: Resource name A-B is non alphanumeric.'],
    ['Resources: {A: {Type: T, Invalid: 1}}', "Invalid template resource property 'Invalid'"],
    [
      'Resources: {A: {Type: T, UpdatePolicy: {}}}',
      'Template format error: [/Resources/A] UpdatePolicy is not emulated by the local cloud',
    ],
    [
      'Resources: {A: {Type: T, DeletionPolicy: Snapshot}}',
      'Template format error: [/Resources/A/DeletionPolicy] Snapshot is not emulated by the local cloud',
    ],
    [
      'Resources: {A: {Type: T, DeletionPolicy: Burn}}',
      'Template format error: Unrecognized DeletionPolicy Burn for resource A',
    ],
    [one('Foo: 1\nBar: 2'), 'Invalid template property or properties [Foo, Bar]'],
    [
      one('Transform: AWS::Serverless-2016-10-31'),
      'Template format error: the section Transform is not emulated by the local cloud',
    ],
    [
      one('AWSTemplateFormatVersion: 2020-01-01'),
      'Template format error: unsupported value for AWSTemplateFormatVersion.',
    ],
    [
      one('Parameters: {P: {Default: x}}'),
      'Template format error: Every Parameters object must contain a Type member.',
    ],
    [one('Parameters: {P: {Type: Sting}}'), 'Template format error: Unrecognized parameter type: Sting'],
    [
      one('Parameters: {P: {Type: AWS::EC2::VPC::Id}}'),
      'Template format error: the parameter type AWS::EC2::VPC::Id is not emulated by the local cloud',
    ],
    [one('Parameters: {P: {Type: String, Max: 1}}'), "Invalid template parameter property 'Max'"],
    [one('Mappings: {M: {A: text}}'), 'Template format error: Every Mappings member M must be a map'],
    [
      one('Mappings: {M: {A: {B: {C: d}}}}'),
      'Template format error: Every Mappings attribute must be a String or a List.',
    ],
    [one('Outputs: {O: {}}'), 'Template format error: Every Outputs member must contain a Value object'],
    [
      one('Outputs: {O: {Value: x, Export: {Name: y}}}'),
      'Template format error: [/Outputs/O/Export] exports are not emulated by the local cloud',
    ],
  ])('a template refuses %j', (text, message) => {
    expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ code: 'ValidationError', message }));
  });

  test('a template refuses more resources than AWS takes', () => {
    const resources = Array.from({ length: 501 }, (_, index) => `  R${index}: {Type: T}`).join('\n');
    expect(() => parseTemplate(`Resources:\n${resources}`)).toThrow(
      'Template format error: Number of resources, 501, is greater than maximum allowed, 500',
    );
  });
});
