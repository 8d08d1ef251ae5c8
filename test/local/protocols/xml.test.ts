import { describe, expect, test } from 'vitest';
import { parseXml, xmlElement, xmlText } from '../../../src/local/protocols/xml.ts';

describe('parseXml', () => {
  test('parseXml reads elements, text, entities, CDATA and comments, and drops prefixes and attributes', () => {
    const node = parseXml(
      '\ufeff<?xml version="1.0"?>\n<!-- c --><s:Delete xmlns:s="urn:x" a=\'1\'>\n <Key>a &lt;&amp;&gt;&quot;&apos;&#x41;&#128017; b</Key><Empty/><Key><![CDATA[<raw>&amp;]]></Key></s:Delete>\n',
    );
    expect(node.name).toBe('Delete');
    expect(node.children.map((child) => [child.name, child.text])).toEqual([
      ['Key', `a <&>"'A\u{1f411} b`],
      ['Empty', ''],
      ['Key', '<raw>&amp;'],
    ]);
    expect(xmlText(node, 'Key')).toBe(`a <&>"'A\u{1f411} b`);
    expect(xmlText(node, 'None')).toBeUndefined();
  });

  test.each([
    '',
    'text',
    '<a>',
    '</a>',
    '<a></b>',
    '<a/><b/>',
    '<a>&nbsp;</a>',
    '<a>&amp</a>',
    '<a>&#0;</a>',
    '<a b></a>',
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<a',
    '<a><!-- </a>',
    'x<a/>',
    '<a/>x<',
    '<a>'.repeat(40) + '</a>'.repeat(40),
  ])('parseXml refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow('The XML you provided was not well-formed');
  });
});

describe('xmlElement', () => {
  test('xmlElement wraps the items of a list in member, or repeats its name', () => {
    const value = { List: ['a', { b: 1 }], None: undefined, Empty: [] };
    expect(xmlElement('R', value, 'member')).toBe(
      '<R><List><member>a</member><member><b>1</b></member></List><Empty></Empty></R>',
    );
    expect(xmlElement('R', value, 'flat')).toBe('<R><List>a</List><List><b>1</b></List></R>');
  });

  test('xmlElement escapes text that looks like markup, and leaves quotation marks', () => {
    expect(xmlElement('R', '<a b="c">&\r', 'flat')).toBe('<R>&lt;a b="c"&gt;&amp;&#xD;</R>');
  });

  test('xmlElement writes U+FFFD in place of characters that XML can not carry', () => {
    expect(xmlElement('R', 'a\u0000b\u001f\uffff\tc\n', 'flat')).toBe('<R>a\ufffdb\ufffd\ufffd\tc\n</R>');
  });
});
