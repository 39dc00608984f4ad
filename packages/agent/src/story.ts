// What the agent tells people: one short line for each thing that happened, names from the wire made harmless for a terminal.
import { createHash } from 'node:crypto';
import { type AcceptedAnswer, formatTime, type ProtocolErrorCode, type Refusal } from '@windlass/protocol';
import { formatName, parseCertificate } from '@windlass/x509';
import type { Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { NoAnswer, Path } from './ladder.ts';
import type { ProbeResult, StoreReceipt } from './ports.ts';
import type { Common, Result, RevertCode, TrustedAnchor } from './result.ts';

const RUNGS = { 1: 'HTTPS, validated', 2: 'HTTPS, not validated', 3: 'HTTP' } as const;

/** How the service is reached, and why not better. */
export function tellPath(agent: Agent, { rung, failure, presentedChain }: Path): void {
  const { service } = agent.identity;
  if (rung === 1) {
    agent.tell(`TLS to ${service} is valid`);
    return;
  }
  const signer = issuerOf(presentedChain);
  agent.tell(`TLS to ${service} failed: ${failure ?? 'not validated'}${signer ? `, signed by "${signer}"` : ''}`);
  agent.tell(`bootstrap over the unsecured connection (rung ${rung}: ${RUNGS[rung]})`);
}

/** What was checked, and what it says. */
export function tellAccepted(agent: Agent, accepted: AcceptedAnswer): void {
  const parts = [
    'answer: signed by the service for this request, path to the service anchor, purpose, name and time are right',
  ];
  if ('claim' in accepted) {
    const { organization, generation } = accepted.claim.claim;
    parts.push(
      `claim: this device belongs to ${organization} (generation ${generation}), signed by the claim authority`,
    );
  }
  if ('profile' in accepted && accepted.profile) {
    const { network, epoch, sequence, expires } = accepted.profile.profile;
    parts.push(
      `profile: network ${network}, epoch ${epoch}, sequence ${sequence}, until ${formatTime(expires)}, signed by a publisher of the claim`,
    );
  }
  for (const part of parts) agent.tell(`checked ${part}`);
}

/** What is going to be tried. */
export function tellStaged(agent: Agent, staged: Standing): void {
  for (const ca of staged.inspectionCas.map(describeAnchor)) agent.tell(`staged ${anchorText(ca)}`);
  if (staged.inspectionCas.length === 0) agent.tell('staged a profile without an inspection CA that is valid now');
}

export function tellActive(agent: Agent, common: Common): void {
  tellEndpoints(agent, common.endpoints);
  for (const ca of common.inspectionCas) agent.tell(`installed ${anchorText(ca)}`);
  tellStores(agent, common);
  agent.tell(
    `active: ${common.organization}/${common.network}${common.reported ? ', confirmed by the service over validated TLS' : ''}`,
  );
}

export function tellSettled(
  agent: Agent,
  outcome: 'unclaimed' | 'awaiting-approval' | 'not-inspected',
  common: Common,
): void {
  const { organization, interceptedBy, inspectionCas } = common;
  tellEndpoints(agent, common.endpoints);
  tellStores(agent, common);
  if (outcome === 'unclaimed') agent.tell('unclaimed: no organization has claimed this device; claim it by its serial');
  if (outcome === 'not-inspected')
    agent.tell(`not inspected: nobody intercepts TLS to ${agent.identity.service} here, no inspection CA is needed`);
  if (outcome === 'awaiting-approval') {
    const signer = interceptedBy ? `"${interceptedBy}"` : 'the signer of what was presented';
    agent.tell(`awaiting approval: ${signer} is no inspection CA of ${organization}; it waits there as an observation`);
  }
  if (inspectionCas.length === 0) agent.tell('no inspection CA is trusted');
}

export function tellReverted(agent: Agent, code: RevertCode, endpoint: string, common: Common): void {
  tellEndpoints(agent, common.endpoints);
  tellStores(agent, common);
  agent.tell(`reverted (${code}): ${endpoint}; ${remainText(common)}`);
}

export function tellNoAnswer(agent: Agent, why: NoAnswer, common: Common): void {
  tellRemoved(agent, common);
  agent.tell(`no answer: ${why.cause} at ${why.stage}: ${harmless(why.detail)}; ${remainText(common)}`);
}

export function tellNotValid(agent: Agent, code: ProtocolErrorCode, common: Common): void {
  tellRemoved(agent, common);
  agent.tell(`answer not valid: ${code}; nothing of it was used, ${remainText(common)}`);
}

export function tellRefused(agent: Agent, code: Refusal, common: Common): void {
  tellRemoved(agent, common);
  agent.tell(`refused by the service: ${code}; ${remainText(common)}`);
}

/** The state of the device after an exchange, in one line that stays the same as long as nothing changes. */
export function stateText(result: Result): string {
  const names = result.inspectionCas.map(({ subject }) => `"${subject}"`).join(', ');
  const trusted = names
    ? `${result.organization}/${result.network}, inspection CAs ${names}`
    : 'no inspection CA is trusted';
  switch (result.outcome) {
    case 'active':
      return `active: ${trusted}`;
    case 'unclaimed':
    case 'awaiting-approval':
    case 'not-inspected':
      return `${result.outcome}: ${result.interceptedBy ? `"${result.interceptedBy}" intercepts, ` : ''}${trusted}`;
    case 'no-answer':
      return `no answer (${result.cause} at ${result.stage}): ${trusted}`;
    case 'not-valid':
    case 'refused':
      return `${result.outcome} (${result.code}): ${trusted}`;
    case 'reverted':
      return `reverted (${result.code}, ${result.endpoint}): ${trusted}`;
  }
}

export function remainText({
  organization,
  network,
  inspectionCas,
}: Pick<Common, 'organization' | 'network' | 'inspectionCas'>): string {
  return inspectionCas.length > 0 ? `still active: ${organization}/${network}` : 'no inspection CA is trusted';
}

export function anchorText({ subject, fingerprint, permittedNames, excludedNames, until }: TrustedAnchor): string {
  const names = permittedNames.includes('*') ? 'every name' : permittedNames.join(', ');
  const except = excludedNames.length > 0 ? ` except ${excludedNames.join(', ')}` : '';
  return `inspection CA "${subject}" for ${names}${except}, until ${formatTime(until)}, SHA-256 ${fingerprint}`;
}

/** How an anchor is described to people and programs. */
export function describeAnchor(ca: Standing['inspectionCas'][number]): TrustedAnchor {
  const { certificate, permittedNames, excludedNames, until } = ca;
  const fingerprint = fingerprintOf(certificate.der);
  return { subject: formatName(certificate.subject), fingerprint, permittedNames, excludedNames, until };
}

/** Who signed the leaf, as it says itself; null where there is none that can be read. */
export function issuerOf(chain: readonly Uint8Array[]): string | null {
  const [leaf] = chain;
  try {
    return leaf ? formatName(parseCertificate(leaf).issuer) : null;
  } catch {
    return 'a certificate that cannot be read';
  }
}

/** SHA-256 in upper-case hexadecimal with colons. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256')
    .update(der)
    .digest('hex')
    .toUpperCase()
    .replace(/(..)(?=.)/g, '$1:');
}

/** Text from the wire, without what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(/[\p{Control}\p{Format}\p{Surrogate}]/gu, '?').slice(0, 200);
}

function tellEndpoints(agent: Agent, endpoints: readonly ProbeResult[]): void {
  for (const { name, verdict, ok, stage, detail } of endpoints) {
    agent.tell(
      `endpoint ${name}: ${verdict}${ok ? '' : `, failed at ${stage}${detail ? `: ${harmless(detail)}` : ''}`}`,
    );
  }
}

function tellStores(agent: Agent, common: Common): void {
  tellRemoved(agent, common);
  for (const store of common.stores) if (store.anchors.length > 0 || store.detail) agent.tell(storeText(store));
  if (common.systemClock) agent.tell(common.systemClock);
}

function tellRemoved(agent: Agent, { removed }: Common): void {
  for (const key of removed) agent.tell(`dropped the inspection CA with the key ${key}`);
}

function storeText({ name, state, scopeEnforced, anchors, detail }: StoreReceipt): string {
  const scope =
    anchors.length === 0 || scopeEnforced
      ? ''
      : '; permitted names are NOT enforced there, programs that read it trust the CA for every name';
  return `trust store ${name}: ${state}${detail ? ` (${detail})` : ''}${scope}`;
}
