// Certificates and keys of HTTPS: read, checked to fit together, and read again when they were renewed.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { type Digest, digestOf } from '@windlass/protocol';
import { ConfigError } from '../errors.ts';

/** A certificate chain and its key, both PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

/** Where the two are. */
export interface TlsPaths {
  readonly certificate: string;
  readonly key: string;
}

/** What is in the files, certificate and key fitting together. @throws ConfigError `tls` */
export async function readTlsFiles(paths: TlsPaths): Promise<TlsIdentity> {
  const certificate = await readPem(paths.certificate);
  const key = await readPem(paths.key);
  try {
    createSecureContext({ cert: certificate, key });
    tlsKeyDigest({ certificate });
  } catch {
    // The cause is left out: it may quote the key.
    const sentence = `${paths.certificate} and ${paths.key} are not a PEM certificate and its key: check both.`;
    throw new ConfigError('tls', sentence);
  }
  return { certificate, key };
}

/** The SHA-256 of the SPKI of the first certificate. By node:crypto, which takes what TLS servers show and a strict parser would not. */
export function tlsKeyDigest({ certificate }: Pick<TlsIdentity, 'certificate'>): Digest {
  return digestOf(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
}

/** How renewed files are found. */
export interface TlsRenewal {
  readonly paths: readonly TlsPaths[];
  /** What is shown now. */
  readonly current: readonly TlsIdentity[];
  readonly everySeconds: number;
  /** The files have changed and fit together. */
  renewed(identities: readonly TlsIdentity[]): void;
  /** The files have changed and cannot be used; what was shown is shown on. */
  failed(cause: unknown): void;
}

/** Looks at the files from time to time, until it is told to stop. */
export function watchTlsFiles({ paths, current, everySeconds, renewed, failed }: TlsRenewal): { stop(): void } {
  let shown = JSON.stringify(current);
  const look = async () => {
    try {
      const identities = await Promise.all(paths.map(readTlsFiles));
      const text = JSON.stringify(identities);
      if (text === shown) return;
      shown = text;
      renewed(identities);
    } catch (cause) {
      failed(cause);
    }
  };
  const timer = setInterval(() => void look(), everySeconds * 1_000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('tls', `${file} cannot be read: check the path and who may read it.`, { cause });
  }
}
