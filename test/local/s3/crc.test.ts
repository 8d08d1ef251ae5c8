import { describe, expect, test } from 'vitest';
import { crc32, crc32c, crc64nvme } from '../../../src/local/services/s3/crc.ts';

/** A reflected CRC bit by bit, with all bits set at the start and inverted at the end: the definition. In hex. */
function bitByBit(data: Buffer, polynomial: bigint, bits: bigint): string {
  const ones = (1n << bits) - 1n;
  let crc = ones;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (crc & 1n ? polynomial : 0n);
  }
  return (crc ^ ones).toString(16).padStart(Number(bits) / 4, '0');
}

/** Bytes without a pattern, the same in each run. */
const BYTES = Buffer.from(Array.from({ length: 600 }, (_, index) => (index * index * 31 + index * 7) >>> 3));

describe.each([
  { name: 'CRC-32', compute: crc32, polynomial: 0xedb88320n, bits: 32n, check: 'cbf43926' },
  { name: 'CRC-32C', compute: crc32c, polynomial: 0x82f63b78n, bits: 32n, check: 'e3069283' },
  {
    name: 'CRC-64/NVME',
    compute: crc64nvme,
    polynomial: 0x9a6c9329ac4bc9b5n,
    bits: 64n,
    check: 'ae8b14860a799888',
  },
])('$name', ({ compute, polynomial, bits, check }) => {
  const hex = (data: Buffer) => compute(data).toString('hex');

  // https://reveng.sourceforge.io/crc-catalogue/all.htm
  test('a CRC of the nine digits is the check value of the catalogue of CRCs', () => {
    expect(hex(Buffer.from('123456789'))).toBe(check);
  });

  test('a CRC is right for every length and for every place of the bytes in memory', () => {
    const cases = Array.from({ length: 64 }, (_, index) => BYTES.subarray(index % 9, (index % 9) + index));
    expect([...cases, BYTES].map(hex)).toEqual(
      [...cases, BYTES].map((data) => bitByBit(data, polynomial, bits)),
    );
  });
});

// https://datatracker.ietf.org/doc/html/rfc3720#appendix-B.4
test.each([
  ['32 zeros', Buffer.alloc(32), '8a9136aa'],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), '62a8ab43'],
  ['32 rising bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), '46dd794e'],
  ['32 falling bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), '113fdb5c'],
])('the CRC-32C of %s is that of RFC 3720', (_what, data, expected) => {
  expect(crc32c(data).toString('hex')).toBe(expected);
});
