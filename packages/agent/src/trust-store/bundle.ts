// The trust store that programs are pointed at by SSL_CERT_FILE, --cacert and the like: one PEM file with the system's roots and the
// active inspection CAs. It cannot carry permitted names: what reads it trusts the CA for every name, and the receipt says so.
import { formatTime } from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { keysOf } from '../active-trust.ts';
import type { ActiveTrust, StoreReceipt, TrustedInspectionCa, TrustStore } from '../ports.ts';
import { diskFiles, type FileSystem, replaceDurably } from '../state/file-system.ts';
import { fingerprintOf } from '../story.ts';

export interface BundleOptions {
  readonly name: string;
  readonly path: string;
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** A TLS handshake with the service by Node's own TLS with this PEM text as its only trust; why it failed, or null. */
  proveByHandshake(pem: string): Promise<string | null>;
  /** What is wrong with the clock by which other programs judge, or null. */
  systemClockFault(): string | null;
  readonly files?: FileSystem;
}

/** A bundle at `path`, mode 0644. Ours come first: among CAs with the same subject most TLS libraries take the first. */
export function createBundle(options: BundleOptions): TrustStore {
  const { name, path, files = diskFiles } = options;
  const receipt = (active: ActiveTrust, state: StoreReceipt['state'], detail: string | null): StoreReceipt => {
    const proved = { name, kind: 'bundle', state, scopeEnforced: false, anchors: keysOf(active) };
    return detail === null ? proved : { ...proved, detail };
  };
  return {
    name,
    kind: 'bundle',
    write(active) {
      const wanted = Buffer.from(bundleText(options.roots, active));
      const found = files.read(path);
      if (!found || !wanted.equals(found)) replaceDurably(files, path, wanted, 0o644);
    },
    async prove(active) {
      if (active.inspectionCas.length === 0) return receipt(active, 'present', null);
      const failed = await options.proveByHandshake(new TextDecoder().decode(files.read(path) ?? new Uint8Array()));
      if (failed === null) return receipt(active, 'effective', null);
      return receipt(active, 'present', options.systemClockFault() ?? failed);
    },
  };
}

function bundleText(roots: readonly Uint8Array[], active: ActiveTrust): string {
  return [...active.inspectionCas.map((ca) => ownText(ca, active)), ...roots.map(pemOf)].join('');
}

function ownText(ca: TrustedInspectionCa, { organization, network }: ActiveTrust): string {
  const fingerprint = fingerprintOf(ca.certificate.der);
  const names = [...ca.permittedNames, ...ca.excludedNames.map((excluded) => `not ${excluded}`)].join(' ');
  const until = formatTime(ca.until);
  return `# windlass: ${organization}/${network}, SHA-256 ${fingerprint}, until ${until}, meant for: ${names}\n${pemOf(ca.certificate.der)}`;
}

function pemOf(der: Uint8Array): string {
  return toPem('CERTIFICATE', der);
}
