import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { BOOLEAN_TRUE, bits, integer, octets, oid, sequence, tagged } from './der.ts';

/** A server's key and certificate for 127.0.0.1, and the authority that signed it. All PEM. */
export interface ServerCertificate {
  readonly privateKey: string;
  /** The server's certificate. */
  readonly certificate: string;
  /** The certificate of the authority. A client that trusts it accepts the server. */
  readonly authority: string;
}

/** The size of the key in bits, equal to Amazon's own certificates, so that a handshake costs a client the same. */
const KEY_BITS = 2048;
const VALID_MS = 365 * 24 * 60 * 60 * 1000;
/** A certificate must not begin in the future, even if clocks differ slightly. */
const BACKDATED_MS = 60 * 60 * 1000;

/**
 * Creates a new authority and a certificate for 127.0.0.1 and localhost that it signs. Both have the same key, because
 * creating one takes 0.2 s of CPU time. Only the functions of this cloud trust the authority.
 * @param nowEpochMs the wall clock
 */
export async function makeCertificate(nowEpochMs: number): Promise<ServerCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  const keyId = keyIdOf(publicKey);
  const authorityName = nameOf('shedbench local cloud');
  const base = {
    issuer: authorityName,
    publicKey,
    issuerKey: privateKey,
    notBefore: nowEpochMs - BACKDATED_MS,
    notAfter: nowEpochMs + VALID_MS,
  };
  const authorityCertificate = signCertificate({
    ...base,
    subject: authorityName,
    extensions: [
      extension(OID.basicConstraints, sequence(BOOLEAN_TRUE), true),
      extension(OID.keyUsage, Buffer.from([0x03, 0x02, 0x02, 0x04]), true),
      extension(OID.subjectKeyIdentifier, octets(keyId)),
    ],
  });
  const certificate = signCertificate({
    ...base,
    subject: nameOf('127.0.0.1'),
    extensions: [
      extension(OID.basicConstraints, sequence(), true),
      extension(OID.keyUsage, Buffer.from([0x03, 0x02, 0x05, 0xa0]), true),
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
      extension(OID.subjectKeyIdentifier, octets(keyId)),
      extension(OID.authorityKeyIdentifier, sequence(tagged(0x80, keyId))),
      extension(
        OID.subjectAltName,
        sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1]))),
      ),
    ],
  });
  return {
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: toPem(certificate),
    authority: toPem(authorityCertificate),
  };
}

/** Object identifiers of X.509. @see https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1 */
const OID = {
  commonName: '2.5.4.3',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  subjectAltName: '2.5.29.17',
} as const;

interface CertificateContent {
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  /** Epoch ms. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

/** A certificate in DER. @see https://datatracker.ietf.org/doc/html/rfc5280#section-4.1 */
function signCertificate(content: CertificateContent): Buffer {
  const algorithm = sequence(oid(OID.sha256WithRsa), tagged(0x05, Buffer.alloc(0)));
  const version3 = tagged(0xa0, integer(Buffer.from([2])));
  const toSign = sequence(
    version3,
    integer(serialNumber()),
    algorithm,
    content.issuer,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject,
    content.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...content.extensions)),
  );
  return sequence(toSign, algorithm, bits(sign('sha256', toSign, content.issuerKey)));
}

/** 16 random bytes. The first is 1 to 127, so that the number is positive and in its shortest form. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [BOOLEAN_TRUE] : []), octets(value));
}

/** `YYYYMMDDHHMMSSZ` from 2050 on, `YYMMDDHHMMSSZ` before, as RFC 5280 requires. */
function time(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().replace(/[-:T]|\.\d{3}/g, '');
  const isGeneral = Number(text.slice(0, 4)) >= 2050;
  return tagged(isGeneral ? 0x18 : 0x17, Buffer.from(isGeneral ? text : text.slice(2)));
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
