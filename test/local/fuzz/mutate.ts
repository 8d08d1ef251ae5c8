/** Values that parsers and checks often forget. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 53,
  '',
  '\u0000',
  '\u202e',
  '9'.repeat(400),
  'x'.repeat(20_000),
  [],
  {},
  [[]],
  { __proto__: null, constructor: 1 },
  '__proto__',
];
/** What texts of the languages under test are made of. */
const TOKENS = [
  '"',
  "'",
  '`',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '|',
  ',',
  ':',
  '.',
  '=',
  '\\',
  '/',
  '*',
  '%',
  '&',
  '#',
  '!',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\u0000',
  '!Sub ',
  'Fn::Sub',
  'Ref',
  '${',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is a variable of Fn::Sub.
  '${AWS::Region}',
  '!GetAtt ',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  'fields ',
  'filter ',
  'stats ',
  'parse ',
  'sort ',
  'limit ',
  ' by ',
  'bin(',
  'count(*)',
  'like /',
  '@message',
  'as ',
  'and ',
  'not ',
  'attribute_exists(',
  ':v',
  '#n',
  'SET ',
  'BETWEEN ',
  ' AND ',
  '-1',
  '1e999',
  '18446744073709551616',
] as const;

export type Random = () => number;

export function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** A text with one to four cuts, copies, tokens or characters changed. */
export function mutateText(text: string, random: Random): string {
  let changed = text;
  for (let left = 1 + Math.floor(random() * 4); left > 0; left -= 1) {
    const at = Math.floor(random() * (changed.length + 1));
    const length = Math.floor(random() * 20);
    const before = changed.slice(0, at);
    const after = changed.slice(at);
    const kind = random();
    if (kind < 0.3) changed = before + after.slice(length);
    else if (kind < 0.7) changed = before + pick(TOKENS, random) + after;
    else if (kind < 0.85) changed = before + after.slice(0, length).repeat(Math.floor(random() * 50)) + after;
    else changed = before + String.fromCharCode(Math.floor(random() * 256)) + after.slice(1);
  }
  return changed;
}

/** JSON text that nests so deep. */
export function nested(depth: number, random: Random): string {
  const [open, close] = pick(
    [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"M":{"a":', '}}'],
      ['{"L":[', ']}'],
    ] as const,
    random,
  );
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

/** The JSON text of a value, with a member replaced by something odd or something deep, or with its text mutated. */
export function mutateJson(value: unknown, random: Random): string {
  const kind = random();
  if (kind < 0.4) return mutateText(JSON.stringify(value), random);
  const mark = '"\u0001"';
  const text = JSON.stringify(replaceOne(value, '\u0001', random)).replace('\\u0001', '\u0001');
  const odd =
    kind < 0.5
      ? nested(10 ** (1 + Math.floor(random() * 4)), random)
      : JSON.stringify(pick(ODD_VALUES, random));
  return text.replace(mark, () => odd);
}

function replaceOne(value: unknown, by: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.2) return by;
  const names = Object.keys(value);
  if (names.length === 0) return by;
  const name = pick(names, random);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copy[name] = replaceOne(copy[name], by, random);
  return copy;
}

/** Bytes with some of them changed, cut or repeated. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = 1 + Math.floor(random() * 8); left > 0; left -= 1) {
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
  }
  return random() < 0.3 ? changed.subarray(0, Math.floor(random() * changed.length)) : changed;
}
