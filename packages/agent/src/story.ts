// What the agent tells people: one short line for each thing that happened, names from the wire made harmless for a terminal.
import { createHash } from 'node:crypto';
import { type AcceptedAnswer, formatTime } from '@windlass/protocol';
import { formatName, parseCertificate } from '@windlass/x509';
import type { Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { Path } from './ladder.ts';
import type { StoreReceipt } from './ports.ts';
import type { Result, TrustedAnchor } from './result.ts';

/** How the service is reached, and why not better. */
export function tellPath({ identity, tell }: Agent, { rung, failure, presentedChain }: Path): void {
  const signer = issuerOf(presentedChain);
  if (rung === 1) {
    tell(`TLS to ${identity.service} is valid, signed by "${signer}"`);
    return;
  }
  tell(`TLS to ${identity.service} failed: ${failure}${signer ? `, signed by "${signer}"` : ''}`);
  tell(`bootstrap over the unsecured connection, rung ${rung}: ${rung === 2 ? 'HTTPS, not validated' : 'HTTP'}`);
}

/** What was checked, and what it says. */
export function tellAccepted({ tell }: Agent, accepted: AcceptedAnswer): void {
  tell('checked answer: signed by the responder for this request; path to the service anchor, purpose, name, time');
  if ('claim' in accepted) {
    const { organization, generation } = accepted.claim.claim;
    tell(
      `checked claim: signed by the claim authority; this device belongs to ${organization}, generation ${generation}`,
    );
  }
  if ('profile' in accepted && accepted.profile) {
    const { network, epoch, sequence, expires } = accepted.profile.profile;
    tell(
      `checked profile: signed by a publisher of the claim; ${network}, epoch ${epoch}, sequence ${sequence}, until ${formatTime(expires)}`,
    );
  }
}

/** What is going to be tried. */
export function tellStaged({ tell }: Agent, { inspectionCas }: Standing): void {
  for (const ca of inspectionCas) tell(`staged ${anchorText(describeAnchor(ca))}`);
}

/** How it ended: endpoints, what was dropped, what is trusted, where, and the state in one line. */
export function tellEnd({ tell }: Agent, result: Result): void {
  const { endpoints, removed, inspectionCas, stores, systemClock } = result;
  for (const { name, verdict, ok, stage, detail } of endpoints) {
    tell(`endpoint ${name}: ${verdict}${ok ? '' : `, failed at ${stage}: ${harmless(detail)}`}`);
  }
  for (const key of removed) tell(droppedText(key));
  for (const ca of inspectionCas) tell(`trusted ${anchorText(ca)}`);
  for (const store of stores) tell(storeText(store));
  if (systemClock) tell(systemClock);
  tell(stateText(result));
}

/** The state of the device after an exchange, in one line that stays the same as long as nothing changes. */
export function stateText(result: Result): string {
  const { inspectionCas, organization, network } = result;
  const trusted = inspectionCas.map(({ subject }) => `"${subject}"`).join(', ');
  return `${outcomeText(result)}; ${trusted ? `${organization}/${network}, trusted: ${trusted}` : 'no inspection CA is trusted'}`;
}

function outcomeText(result: Result): string {
  const { outcome, interceptedBy } = result;
  switch (outcome) {
    case 'active':
      return outcome;
    case 'unclaimed':
      return 'unclaimed: claim this device by its serial';
    case 'awaiting-approval':
      return `awaiting approval: "${interceptedBy}" is no inspection CA of ${result.organization} and waits there as an observation`;
    case 'not-inspected':
      return 'not inspected: nobody intercepts TLS to the service here';
    case 'no-answer':
      return `no answer: ${result.cause} at ${result.stage}: ${harmless(result.detail)}`;
    case 'not-valid':
    case 'refused':
      return `${outcome === 'refused' ? 'refused by the service' : 'answer not valid'}: ${result.code}`;
    case 'reverted':
      return `reverted: ${result.code}: ${result.endpoint}`;
  }
}

/** One anchor, and how far it is trusted. */
export function anchorText({ subject, fingerprint, permittedNames, excludedNames, until }: TrustedAnchor): string {
  const except = excludedNames.length > 0 ? ` except ${excludedNames.join(', ')}` : '';
  return `inspection CA "${subject}" for ${permittedNames.join(', ')}${except}, until ${formatTime(until)}, SHA-256 ${fingerprint}`;
}

export function droppedText(key: string): string {
  return `dropped the inspection CA with the key ${key}`;
}

/** How an anchor is described to people and programs. */
export function describeAnchor({
  certificate,
  permittedNames,
  excludedNames,
  until,
}: Standing['inspectionCas'][number]): TrustedAnchor {
  const { subject, der } = certificate;
  return { subject: formatName(subject), fingerprint: fingerprintOf(der), permittedNames, excludedNames, until };
}

/** Who signed the leaf, as it says itself; null where there is none that can be read. */
export function issuerOf([leaf]: readonly Uint8Array[]): string | null {
  try {
    return leaf ? formatName(parseCertificate(leaf).issuer) : null;
  } catch {
    return null;
  }
}

/** SHA-256 in upper-case hexadecimal with colons. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256')
    .update(der)
    .digest('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:');
}

/** Text from the wire, without what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(/[\p{Control}\p{Format}\p{Surrogate}]/gu, '?').slice(0, 200);
}

function storeText({ name, state, scopeEnforced, anchors, detail }: StoreReceipt): string {
  const scope =
    anchors.length === 0 || scopeEnforced
      ? ''
      : '; permitted names are NOT enforced there: its readers trust the CA for every name';
  return `trust store ${name}: ${state}${detail ? ` (${detail})` : ''}${scope}`;
}
