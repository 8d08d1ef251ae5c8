import { describe, expect, test } from 'vitest';
import { namedAsTyped, toKnownForms } from '../../src/cli/typed-flags.ts';
import { usageError } from '../../src/errors.ts';

describe('singular and plural', () => {
  test('the singular and the plural of a flag mean the same, with a space or an equals sign', () => {
    expect(toKnownForms(['bench', '--routes', 'cat', '--runtimes=node,rust'])).toEqual([
      'bench',
      '--route',
      'cat',
      '--runtime=node,rust',
    ]);
  });

  test('singular and plural are left as they are behind --', () => {
    expect(toKnownForms(['load', '--', '--routes'])).toEqual(['load', '--', '--routes']);
  });
});

describe('an error names the option as it was typed', () => {
  const error = usageError('x', '-p/--parallel is wrong.', 'Names as in --runtime rust.');
  test.each([
    [['load', '-p', '0'], '-p is wrong.', 'Names as in --runtime rust.'],
    [['load', '--parallel=0'], '--parallel is wrong.', 'Names as in --runtime rust.'],
    [['load', '--runtimes', 'x'], '-p/--parallel is wrong.', 'Names as in --runtimes rust.'],
    [['load', '--project', 'x'], '-p/--parallel is wrong.', 'Names as in --runtime rust.'],
  ])('the error about %j names the option as it was typed', (argv, message, hint) => {
    expect(namedAsTyped(error, argv)).toMatchObject({ message, hint, code: 'x', exitCode: 2 });
  });

  test('what is no foreseen error passes as it is', () => {
    const bug = new TypeError('--runtime');
    expect(namedAsTyped(bug, ['--runtimes'])).toBe(bug);
  });
});
