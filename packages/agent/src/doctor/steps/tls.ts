// TLS with whatever answers at the address of the service: who signed it, by key and not by name, and is that somebody to trust.
import type { Trouble } from '@windlass/protocol';
import { type CertificateSeen, certificatesOf } from '../certificate-seen.ts';
import { broken, brokenBy, type Finding, fine, type Step } from '../finding.ts';
import type { DoctorPorts, HandshakeSeen, PathBroken, Signer } from '../ports.ts';
import { productHint } from '../product-hint.ts';
import { troubleOf } from '../trouble.ts';
import { withoutWay } from './prevented.ts';

export const tls: Step = {
  name: 'tls',
  prevented: (findings) => withoutWay(findings) ?? (brokenBy(findings, CLOSED) ? 'port 443 is not open' : null),
  async look(ports) {
    const shaken = await ports.handshake();
    if (shaken.kind === 'broken') return { findings: [brokenFinding(shaken, ports)] };
    const chain = certificatesOf(shaken.chain);
    return { findings: [chainFinding(shaken, chain)], seen: { chain, signer: shaken.signer } };
  },
};

const CLOSED: readonly Trouble[] = ['tcp-refused', 'tcp-timeout', 'tcp-reset', 'no-route'];

function brokenFinding(path: PathBroken, { device }: DoctorPorts): Finding {
  const trouble = troubleOf({ ...path, viaProxy: device.proxy !== null });
  const what = path.cause === 'timeout' ? 'no answer to the beginning of TLS' : path.cause;
  return broken('tls', trouble, `TLS to ${device.service} breaks at ${path.stage}: ${what}`);
}

function chainFinding({ failure, signer }: HandshakeSeen, chain: readonly CertificateSeen[]): Finding {
  const [leaf] = chain;
  if (!leaf) return broken('tls', 'certificate-not-valid', 'the certificate cannot be read');
  const signed = leaf.isSelfSigned ? `signed by itself, "${leaf.subject}", by no CA` : `signed by "${leaf.issuer}"`;
  const hint = signer.kind === 'root' ? null : productHint(chain.flatMap(({ subject, issuer }) => [issuer, subject]));
  const looks = hint ? `, looks like ${hint}` : '';
  switch (failure) {
    case null:
      return fine('tls', `valid, ${signed}: ${VALID[signer.kind] ?? 'somebody this device trusts'}`);
    case 'name-mismatch':
      return broken('tls', 'name-rewritten', `the certificate is for "${leaf.subject}", ${signed}${looks}`);
    case 'unknown-issuer': {
      const who = STRANGER[signer.kind] ?? 'whom this device does not know';
      return broken('tls', strangerOf(signer.kind), `${signed}, ${who}${looks}`);
    }
    default: {
      const dates = `valid from ${leaf.notBefore} to ${leaf.notAfter}`;
      return broken('tls', 'certificate-not-valid', `${failure}: ${signed}, ${dates}${looks}`);
    }
  }
}

const VALID: Readonly<Partial<Record<Signer['kind'], string>>> = {
  root: 'a public CA, nobody inspects',
  'own-anchor': 'the CA of the service, nobody inspects',
  active: 'an active inspection CA of this network',
};

const STRANGER: typeof VALID = {
  held: 'an inspection CA of another network of this device',
  'out-of-scope': 'an active inspection CA that is not permitted for the name of the service',
  distrusting: 'by which the inspecting proxy says that it does not trust the service',
};

function strangerOf(signer: Signer['kind']): Trouble {
  switch (signer) {
    case 'held':
      return 'inspection-ca-inactive';
    case 'out-of-scope':
      return 'inspection-ca-out-of-scope';
    case 'distrusting':
      return 'box-distrusts-service';
    default:
      return 'unknown-inspection-ca';
  }
}
