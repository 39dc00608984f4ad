// What the agent tells people: one short line for each thing that happened, names from the wire made harmless for a terminal.
import { type AcceptedAnswer, formatTime } from '@windlass/protocol';
import type { AgentEvent } from '../agent.ts';
import type { Path } from '../ladder.ts';
import type { StoreReceipt, TrustedInspectionCa } from '../ports.ts';
import type { Result } from '../result.ts';
import { describeAnchor, describeStore, interceptedBy, isDistrusted } from './described.ts';
import { clockText, endpointText, HAPPENED, harmless, issuerOf, noAnswerText, revertText } from './sentences.ts';

/** The lines for an event of the device's exchanges with `service`. */
export function linesOf(event: AgentEvent, service: string): readonly string[] {
  switch (event.kind) {
    case 'path':
      return pathLines(event.path, service);
    case 'accepted':
      return acceptedLines(event.accepted);
    case 'staged':
      return event.inspectionCas.map((ca) => `staged ${anchorText(ca)}`);
    case 'ended':
      return endLines(event.result, service);
    case 'dropped':
      return event.keys.map((key) => `${droppedText(key)}: it has ended`);
    case 'noticed':
      return [HAPPENED[event.happened]];
  }
}

/** How the service is reached, and why not better. */
function pathLines({ rung, failure, presentedChain }: Path, service: string): readonly string[] {
  const signer = issuerOf(presentedChain);
  if (rung === 1) return [`TLS to ${service} is valid, signed by "${signer}"`];
  return [
    `TLS to ${service} failed: ${failure}${signer ? `, signed by "${signer}"` : ''}`,
    `bootstrap over the unsecured connection, rung ${rung}: ${rung === 2 ? 'HTTPS, not validated' : 'HTTP'}`,
  ];
}

/** What was checked, and what it says. */
function acceptedLines(accepted: AcceptedAnswer): readonly string[] {
  const lines = [
    'checked answer: signed by the responder for this request; path to the service anchor, purpose, name, time',
  ];
  if ('claim' in accepted) {
    const { organization, generation } = accepted.claim.claim;
    lines.push(
      `checked claim: signed by the claim authority; this device belongs to ${organization}, generation ${generation}`,
    );
  }
  if ('profile' in accepted && accepted.profile) {
    const { network, epoch, sequence, expires } = accepted.profile.profile;
    lines.push(
      `checked profile: signed by a publisher of the claim; ${network}, epoch ${epoch}, sequence ${sequence}, until ${formatTime(expires)}`,
    );
  }
  return lines;
}

/** How it ended: endpoints, what was dropped, what is trusted, where, and the state in one line. */
function endLines(result: Result, service: string): readonly string[] {
  const { endpoints, removed, inspectionCas, stores, systemClock } = result;
  const clock = clockText(systemClock);
  return [
    ...endpoints.map((probe) => {
      const failed = probe.stage === 'done' ? '' : `, failed at ${probe.stage}: ${endpointText(probe)}`;
      return `endpoint ${probe.endpoint.name}: ${probe.verdict}${failed}`;
    }),
    ...removed.map(droppedText),
    ...inspectionCas.map((ca) => `trusted ${anchorText(ca)}`),
    ...stores.map((store) => storeText(describeStore(store, { clock, inspectionCas }))),
    ...(clock ? [clock] : []),
    stateText(result, service),
  ];
}

/** The state of the device after an exchange, in one line that stays the same as long as nothing changes. */
export function stateText(result: Result, service: string): string {
  const { inspectionCas, organization, network } = result;
  const trusted = inspectionCas.map((ca) => `"${describeAnchor(ca).subject}"`).join(', ');
  return `${outcomeText(result, service)}; ${trusted ? `${organization}/${network}, trusted: ${trusted}` : 'no inspection CA is trusted'}`;
}

function outcomeText(result: Result, service: string): string {
  const { outcome, organization } = result;
  switch (outcome) {
    case 'active':
      return outcome;
    case 'unclaimed':
      return 'unclaimed: claim this device by its serial';
    case 'awaiting-approval': {
      // On rung 1 a CA signed that this device still trusted: the organization does not let it in any more.
      const signer = result.path.rung === 1 ? issuerOf(result.path.presentedChain) : interceptedBy(result);
      if (signer === null)
        return `awaiting approval: this network showed no certificate by which ${organization} could choose a profile: have TLS to ${service} let through, or the device claimed for the network it is on`;
      if (isDistrusted(result))
        return `awaiting approval: the inspecting proxy does not trust ${service} and signs with "${signer}": let it trust the CA that certifies ${service}; do not approve the CA that it signs with now`;
      return `awaiting approval: "${signer}" is no inspection CA of ${organization} and waits there as an observation`;
    }
    case 'not-inspected':
      return 'not inspected: nobody intercepts TLS to the service here';
    case 'no-answer':
      return `no answer: ${result.cause} at ${result.stage}: ${noAnswerText(result)}`;
    case 'not-valid':
    case 'refused':
      return `${outcome === 'refused' ? 'refused by the service' : 'answer not valid'}: ${result.code}`;
    case 'reverted':
      return `reverted: ${result.code}: ${revertText(result, service)}`;
  }
}

/** One anchor, and how far it is trusted. */
export function anchorText(ca: TrustedInspectionCa): string {
  const { subject, fingerprint, permittedNames, excludedNames, until } = describeAnchor(ca);
  const except = excludedNames.length > 0 ? ` except ${excludedNames.join(', ')}` : '';
  return `inspection CA "${subject}" for ${permittedNames.join(', ')}${except}, until ${until}, SHA-256 ${fingerprint}`;
}

export function droppedText(key: string): string {
  return `dropped the inspection CA with the key ${key}`;
}

function storeText({ name, state, scopeEnforced, anchors, detail }: StoreReceipt): string {
  const scope =
    anchors.length === 0 || scopeEnforced
      ? ''
      : '; permitted names are NOT enforced there: its readers trust the CA for every name';
  return `trust store ${name}: ${state}${detail ? ` (${harmless(detail)})` : ''}${scope}`;
}
