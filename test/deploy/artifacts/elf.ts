/**
 * A 64-bit little-endian ELF file that contains only a header and, if `needs` are given, a section of version needs
 * (`.gnu.version_r`) with its strings.
 *
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 */
export function elf(input: {
  readonly machine: number;
  readonly needs?: Readonly<Record<string, readonly string[]>>;
}): Buffer {
  const header = Buffer.alloc(64);
  header.write('\u007fELF', 'latin1');
  header[4] = 2;
  header[5] = 1;
  header.writeUInt16LE(input.machine, 18);
  header.writeUInt16LE(64, 58);
  if (input.needs === undefined) return header;

  let strings = '\0';
  const name = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  const libraries = Object.entries(input.needs);
  const needs = libraries.map(([library, versions], index) => {
    const need = Buffer.alloc(16);
    need.writeUInt16LE(1, 0);
    need.writeUInt16LE(versions.length, 2);
    need.writeUInt32LE(name(library), 4);
    need.writeUInt32LE(16, 8);
    need.writeUInt32LE(index === libraries.length - 1 ? 0 : 16 + 16 * versions.length, 12);
    const entries = versions.map((version, n) => {
      const entry = Buffer.alloc(16);
      entry.writeUInt32LE(name(version), 8);
      entry.writeUInt32LE(n === versions.length - 1 ? 0 : 16, 12);
      return entry;
    });
    return Buffer.concat([need, ...entries]);
  });
  const body = Buffer.concat(needs);
  const text = Buffer.from(strings, 'latin1');
  const sections = Buffer.alloc(3 * 64);
  // Section 0 is empty, section 1 contains the version needs, and section 2 their strings.
  sections.writeUInt32LE(0x6ffffffe, 64 + 4);
  sections.writeBigUInt64LE(64n, 64 + 24);
  sections.writeUInt32LE(2, 64 + 40);
  sections.writeUInt32LE(libraries.length, 64 + 44);
  sections.writeUInt32LE(3, 128 + 4);
  sections.writeBigUInt64LE(BigInt(64 + body.length), 128 + 24);
  header.writeBigUInt64LE(BigInt(64 + body.length + text.length), 40);
  header.writeUInt16LE(3, 60);
  return Buffer.concat([header, body, text, sections]);
}
