import { describe, expect, test } from 'vitest';
import { escapeControls, visibleText, withVisibleText } from '../../src/model/visible-text.ts';

describe('text of others', () => {
  test.each([
    ['a terminal title (OSC)', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
    ['a cleared screen', '\u001b[2J\u001b[H', '\\u001b[2J\\u001b[H'],
    ['a C1 control sequence introducer', '\u009b31m', '\\u009b31m'],
    ['DEL', 'a\u007fb', 'a\\u007fb'],
    ['a return to the start of the line', 'bad\rgood', 'bad\\u000dgood'],
    ['a bidirectional override', 'abc\u202edef\u2066', 'abc\\u202edef\\u2066'],
    ['an Arabic letter mark and a line separator', '\u061c\u2028', '\\u061c\\u2028'],
  ])('text of others shows %s as an escape', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('text of others keeps line breaks, tabs, accents, emoji and right-to-left letters', () => {
    const text = 'a\n\tb é 🐑 שלום';
    expect(visibleText(text)).toBe(text);
  });

  test('text of others is made visible everywhere in a value, names of members included, and the value stays as it was', () => {
    const value = { a: ['\u001b', { '\u001bkey': '\u0007' }], n: 1, none: undefined, no: null };
    expect(withVisibleText(value)).toEqual({
      a: ['\\u001b', { '\\u001bkey': '\\u0007' }],
      n: 1,
      none: undefined,
      no: null,
    });
    expect(value.a[0]).toBe('\u001b');
  });

  test('text of others in JSON is escaped such that it parses back to the same', () => {
    const value = { text: '\u001b\u007f\u009b\u202e' };
    const json = escapeControls(JSON.stringify(value));
    expect(json).toBe('{"text":"\\u001b\\u007f\\u009b\\u202e"}');
    expect(JSON.parse(json)).toEqual(value);
  });
});
