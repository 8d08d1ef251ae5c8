import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseTrust } from '../../seams.ts';
import { makeTrustStore } from './trust-store.ts';

/** Where systems store the certificates that they trust: Debian and Alpine, Fedora and Amazon Linux, SUSE. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Writes the files that make a function trust an authority. They also contain the system's certificates, because
 * programs read them in place of the system's, and a function may call other servers too.
 * @param authority PEM
 */
export function writeTrustFiles(
  folder: string,
  authority: string,
  systemBundles: readonly string[] = SYSTEM_BUNDLES,
): DatabaseTrust {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const certificateFile = join(folder, 'database.pem');
  const bundleFile = join(folder, 'bundle.pem');
  const storeFile = join(folder, 'bundle.p12');
  const system = systemBundles.find(existsSync);
  const bundle = `${system === undefined ? '' : readFileSync(system, 'utf8')}\n${authority}`;
  writeFileSync(certificateFile, authority);
  writeFileSync(bundleFile, bundle);
  writeFileSync(storeFile, makeTrustStore(bundle));
  return { folder, certificateFile, bundleFile, storeFile };
}
