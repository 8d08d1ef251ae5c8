import { describe, expect, test } from 'vitest';
import { physicalName } from '../../../../src/local/services/cloudformation/executor/physical-name.ts';

const random = (length: number): string => '0123456789ab'.slice(0, length);

describe('a physical name', () => {
  test('a physical name is the stack, the logical id and twelve random characters', () => {
    expect(physicalName('shed', 'Table', { maxLength: 255 }, random)).toBe('shed-Table-0123456789ab');
  });

  test('a physical name that is too long is cut, the longer part first, and it is in lower case if the type requires that', () => {
    const name = physicalName(
      'a-stack-of-a-very-long-name-indeed',
      'AssetsBucketOfGreatLength',
      {
        maxLength: 40,
        lowerCase: true,
      },
      random,
    );
    expect(name).toBe('a-stack-of-a--assetsbucketo-0123456789ab');
    expect(name.length).toBe(40);
    expect(physicalName('a-stack-of-a-very-long-name-indeed', 'Ab', { maxLength: 40 }, random)).toBe(
      'a-stack-of-a-very-long-n-Ab-0123456789ab',
    );
  });
});
