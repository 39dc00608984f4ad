// The same result for programs: `--json`, plain data with times as text as everywhere on the wire, and the sentences beside the codes.
import { X509Certificate } from 'node:crypto';
import { formatTime, type Trouble } from '@windlass/protocol';
import { formatName } from '@windlass/x509';
import type { StoreReceipt, TrustedInspectionCa } from '../ports.ts';
import type { Ended, Result } from '../result.ts';
import { schemesOf } from './challenge.ts';
import {
  clockText,
  endpointText,
  issuerOf,
  noAnswerText,
  revertText,
  saysDistrust,
  storeDetail,
  type Trust,
} from './sentences.ts';

/** An inspection CA that is trusted, and how far. */
export interface DescribedAnchor {
  readonly subject: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly until: string;
}

/** How an exchange ended, as `--json` prints it. */
export function describeResult(result: Result, service: string): object {
  const { outcome, path, inspectionCas, stores, endpoints, systemClock } = result;
  const { organization, network, removed, next } = result;
  const clock = clockText(systemClock);
  return {
    ...describeEnd(result, service),
    organization,
    network,
    inspectionCas: inspectionCas.map(describeAnchor),
    removed,
    stores: stores.map((store) => describeStore(store, { clock, inspectionCas })),
    endpoints: endpoints.map((probe) => {
      const { endpoint, verdict, stage, issuer } = probe;
      return { name: endpoint.name, verdict, ok: stage === 'done', stage, detail: endpointText(probe), issuer };
    }),
    systemClock: clock,
    rung: outcome === 'no-answer' ? null : path.rung,
    failure: path.failure,
    interceptedBy: interceptedBy(result),
    reported: result.unsent === null,
    next,
  };
}

function describeEnd(result: Result, service: string): object {
  const { outcome } = result;
  switch (outcome) {
    case 'no-answer': {
      const { cause, stage, status, explicitProxy } = result;
      const { challenge, ...proxy } = explicitProxy ?? {};
      const asked = { ...proxy, ...(cause === 'proxy-authentication' && { schemes: schemesOf(`${challenge ?? ''}`) }) };
      const more = { ...(status !== null && { status }), ...(explicitProxy && { explicitProxy: asked }) };
      return { outcome, cause, stage, ...more, detail: noAnswerText(result) };
    }
    case 'not-valid':
    case 'refused':
      return { outcome, code: result.code };
    case 'reverted':
      return { outcome, code: result.code, endpoint: revertText(result, service) };
    default:
      return { outcome, ...(isDistrusted(result) && { trouble: 'box-distrusts-service' satisfies Trouble }) };
  }
}

/** An inspecting proxy that does not trust the service said so in the name of the CA that it signed with. */
export function isDistrusted({ outcome, path }: Pick<Result, 'outcome' | 'path'>): boolean {
  return outcome === 'awaiting-approval' && saysDistrust(path.presentedChain);
}

/** Who signed the certificate that came in place of the service's, as that certificate says. */
export function interceptedBy({ outcome, path }: Pick<Result, 'outcome' | 'path'>): string | null {
  return path.rung === 1 && outcome !== 'no-answer' ? null : issuerOf(path.presentedChain);
}

/** How an anchor is described to people and programs. */
export function describeAnchor({
  certificate,
  permittedNames,
  excludedNames,
  until,
}: TrustedInspectionCa): DescribedAnchor {
  const fingerprint = new X509Certificate(certificate.der).fingerprint256;
  const subject = formatName(certificate.subject);
  return { subject, fingerprint, permittedNames, excludedNames, until: formatTime(until) };
}

/** A receipt with a sentence for what is wrong. */
export function describeStore(store: StoreReceipt, trust?: Trust): StoreReceipt {
  const detail = storeDetail(store, trust);
  return { ...store, ...(detail && { detail }) };
}

const EXIT_OF: Readonly<Record<Ended['outcome'], number>> = {
  active: 0,
  unclaimed: 10,
  'awaiting-approval': 11,
  'not-inspected': 12,
  'no-answer': 20,
  'not-valid': 30,
  refused: 31,
  reverted: 40,
};

export const EXIT = { usage: 1, configuration: 2, fault: 70 } as const;

/** The documented exit code of a result. */
export function exitCodeOf(outcome: Ended['outcome']): number {
  return EXIT_OF[outcome];
}
