// The trust store that programs are pointed at by SSL_CERT_FILE, --cacert and the like: one PEM file with the system's roots and the
// active inspection CAs. It cannot carry permitted names: what reads it trusts the CA for every name, and the receipt says so.
import { X509Certificate } from 'node:crypto';
import { formatTime } from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { keysOf } from '../active-trust.ts';
import type { AgentClock } from '../clock.ts';
import type { ActiveTrust, FileSystem, StoreReceipt, Transport, TrustedInspectionCa, TrustStore } from '../ports.ts';
import { diskFiles, replaceDurably } from '../state/file-system.ts';

export interface BundleOptions {
  readonly name: string;
  readonly path: string;
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** How a PEM text is proved. */
  readonly transport: Pick<Transport, 'prove'>;
  /** Other programs judge by the system's. */
  readonly clock: Pick<AgentClock, 'fault'>;
  readonly files?: FileSystem;
}

/** How a bundle's anchors of ours begin. */
export const OWN_MARK = '# windlass: ';

/** A bundle at `path`, mode 0644. Ours come first: among CAs with the same subject most TLS libraries take the first. */
export function createBundle({ name, path, roots, transport, clock, files = diskFiles }: BundleOptions): TrustStore {
  const kind = 'bundle';
  return {
    name,
    kind,
    write(active) {
      const texts = [...active.inspectionCas.map((ca) => ownText(ca, active)), ...roots.map(pemOf)];
      const wanted = Buffer.from(texts.join(''));
      if (!files.read(path)?.equals(wanted)) replaceDurably(files, path, wanted, 0o644);
    },
    async prove(active): Promise<StoreReceipt> {
      const receipt = { name, kind, state: 'present', scopeEnforced: false, anchors: keysOf(active) } as const;
      if (active.inspectionCas.length === 0) return receipt;
      const failed = await transport.prove(`${files.read(path)}`);
      if (failed === null) return { ...receipt, state: 'effective' };
      return { ...receipt, detail: clock.fault() ? 'system-clock' : failed };
    },
  };
}

function ownText(ca: TrustedInspectionCa, { organization, network }: ActiveTrust): string {
  const { der } = ca.certificate;
  const { fingerprint256 } = new X509Certificate(der);
  const names = [...ca.permittedNames, ...ca.excludedNames.map((excluded) => `not ${excluded}`)].join(' ');
  return `${OWN_MARK}${organization}/${network}, SHA-256 ${fingerprint256}, until ${formatTime(ca.until)}, meant for: ${names}\n${pemOf(der)}`;
}

function pemOf(der: Uint8Array): string {
  return toPem('CERTIFICATE', der);
}
