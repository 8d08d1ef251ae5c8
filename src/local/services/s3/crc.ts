import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32C, Castagnoli. */
const CRC32C_TABLE = makeTable32(0x82f63b78);
/** CRC-64/NVME: the reflected polynomial 0xAD93D23594C93659, as high and low halves. */
const CRC64_TABLE = makeTable64(0x9a6c9329, 0xac4bc9b5);

/** Computes the CRC-32 as big-endian bytes. */
export function crc32(data: Buffer): Buffer {
  return bigEndian(zlibCrc32(data));
}

/** Computes the CRC-32C as big-endian bytes. */
export function crc32c(data: Buffer): Buffer {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return bigEndian(~crc >>> 0);
}

/**
 * Computes the CRC-64/NVME as big-endian bytes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function crc64nvme(data: Buffer): Buffer {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const byte of data) {
    const index = ((low ^ byte) & 0xff) * 2;
    low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE[index + 1] ?? 0);
    high = (high >>> 8) ^ (CRC64_TABLE[index] ?? 0);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(~high >>> 0, 0);
  bytes.writeUInt32BE(~low >>> 0, 4);
  return bytes;
}

function bigEndian(crc: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc, 0);
  return bytes;
}

function makeTable32(polynomial: number): Uint32Array {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let value = i;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? polynomial : 0);
    table[i] = value;
  }
  return table;
}

/** Alternating high and low halves. */
function makeTable64(polynomialHigh: number, polynomialLow: number): Uint32Array {
  const table = new Uint32Array(512);
  for (let i = 0; i < 256; i += 1) {
    let high = 0;
    let low = i;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        high ^= polynomialHigh;
        low ^= polynomialLow;
      }
    }
    table[i * 2] = high;
    table[i * 2 + 1] = low;
  }
  return table;
}
