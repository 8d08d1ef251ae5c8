import { expect, test } from 'vitest';
import { spokenName } from '../../../src/report/verdict/words.ts';

test('a verdict names the languages of the package by their names, and a runtime of your own by its label', () => {
  expect(['go', 'node', 'python', 'rust'].map(spokenName)).toEqual(['Go', 'Node', 'Python', 'Rust']);
  expect(spokenName('rust 512 MB')).toBe('Rust 512 MB');
  expect(spokenName('my-zig')).toBe('my-zig');
});
