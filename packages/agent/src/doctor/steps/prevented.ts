// What makes a step pointless.
import type { Trouble } from '@windlass/protocol';
import { brokenBy, type Finding } from '../finding.ts';

/** Why nothing can be sent at all after these findings, or null. */
export function withoutNetwork(findings: readonly Finding[]): string | null {
  if (brokenBy(findings, ['no-link'])) return 'there is no link';
  return brokenBy(findings, ['no-address']) ? 'there is no address' : null;
}

/** The same, and why the service cannot be asked for. */
export function withoutWay(findings: readonly Finding[]): string | null {
  const network = withoutNetwork(findings);
  if (network) return network;
  if (findings.some(({ step, state }) => step === 'name' && state === 'broken')) return 'the name leads nowhere';
  const proxy = brokenBy(findings, PROXY);
  return proxy ? `the proxy lets nothing through (${proxy})` : null;
}

const PROXY: readonly Trouble[] = ['proxy-unreachable', 'proxy-authentication', 'proxy-fails'];
