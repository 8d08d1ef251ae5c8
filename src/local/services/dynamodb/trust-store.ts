import { X509Certificate } from 'node:crypto';
import { integer, octets, oid, sequence, tagged } from './der.ts';

/** Object identifiers of PKCS #12. @see https://datatracker.ietf.org/doc/html/rfc7292 */
const OID = {
  data: '1.2.840.113549.1.7.1',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  /** Java's mark of a certificate that it is to trust. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyUsage: '2.5.29.37.0',
} as const;

const BMP_STRING = 0x1e;
const SET = 0x31;

/**
 * The certificates of a PEM text as a trust store that Java reads (`javax.net.ssl.trustStore`): PKCS #12, neither
 * encrypted nor sealed, because certificates are no secret.
 */
export function makeTrustStore(pem: string): Buffer {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const bags = blocks.map((block, index) =>
    certificateBag(new X509Certificate(block).raw, `ca-${index + 1}`),
  );
  const contents = sequence(dataOf(sequence(...bags)));
  return sequence(integer(Buffer.from([3])), dataOf(contents));
}

function dataOf(content: Buffer): Buffer {
  return sequence(oid(OID.data), tagged(0xa0, octets(content)));
}

function certificateBag(certificate: Buffer, name: string): Buffer {
  const value = sequence(oid(OID.x509Certificate), tagged(0xa0, octets(certificate)));
  const attributes = [
    attribute(OID.friendlyName, tagged(BMP_STRING, Buffer.from(name, 'utf16le').swap16())),
    attribute(OID.trustedKeyUsage, oid(OID.anyUsage)),
  ];
  return sequence(oid(OID.certificateBag), tagged(0xa0, value), tagged(SET, Buffer.concat(attributes)));
}

function attribute(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(SET, value));
}
