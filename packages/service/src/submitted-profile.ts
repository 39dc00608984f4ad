// What comes back signed by an organization's own publisher, checked as a device would check it, and against what is to be published at this
// very moment. @see spec K1 to K6, E1 to E7, D17
import {
  type Envelope,
  explainError,
  formatTime,
  type OpenedEnvelope,
  openEnvelope,
  ProtocolError,
  PURPOSE,
  parseSecurityProfile,
  publisherUri,
  type SecurityProfile,
  type ServiceName,
  type UnixSeconds,
  verifySigner,
} from '@windlass/protocol';
import { type Certificate, isSignedBy, trustAnchor } from '@windlass/x509';
import { describe, parseDer, timeOf } from './certificates.ts';
import { servicesIn } from './network-services.ts';
import { DEFAULT_PROFILE_SECONDS, type ProfileContent, type ProfileNumbers, payloadOf } from './profile-content.ts';
import { changesBetween, type Draft } from './profile-draft.ts';
import { claimsPending, type Publishing, usableAnchors } from './publishing.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { NetworkKey } from './store/management-ports.ts';

/** How old a draft may be when it comes back: it is carried to where the key is. */
const MAX_DRAFT_AGE_SECONDS = 30 * 86_400;
/** A profile that ends sooner would be refused by devices that ask late. */
export const LEAST_LIFE_SECONDS = 86_400;

/** What the payload says. @throws Refusal `invalid-request` */
export function profileOf(service: ServiceName, payload: string): SecurityProfile {
  try {
    return parseSecurityProfile(payload, service);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new Refusal(
      'invalid-request',
      `The payload is no security profile of this service (${cause.code}): send the file that "windlass profile draft" wrote, unchanged.`,
      { cause },
    );
  }
}

/** The draft is for this network. @throws Refusal `invalid-request` */
export function refuseOtherNetwork(profile: SecurityProfile, { organization, network }: NetworkKey): void {
  if (profile.organization === organization && profile.network === network) return;
  throw new Refusal(
    'invalid-request',
    `The draft is for ${profile.organization}/${profile.network}, not for ${organization}/${network}: name the network that it is for.`,
  );
}

/** What was submitted, and what would be published now. */
export interface Submitted {
  readonly service: ServiceName;
  readonly profile: SecurityProfile;
  readonly payload: string;
  readonly draft: Draft;
  /** Of now, with the times of what was submitted. */
  readonly numbers: ProfileNumbers;
  readonly now: UnixSeconds;
}

/** It is byte for byte what would be published now. @throws Refusal `stale-draft`, with what is different */
export function refuseStale({ service, profile, payload, draft, numbers, now }: Submitted): void {
  if (payload === payloadOf(service, draft, numbers)) return;
  const { epoch, sequence } = numbers;
  const differences = [
    ...(profile.epoch === epoch ? [] : [`the epoch is ${epoch}, and the draft's is ${profile.epoch}`]),
    ...(profile.sequence === sequence
      ? []
      : [`the next sequence is ${sequence}, and the draft's is ${profile.sequence}`]),
    ...changesBetween({ ...contentOf(profile), expires: timeOf(now + DEFAULT_PROFILE_SECONDS) }, draft, now),
  ];
  const what = differences.length === 0 ? 'its text is not the one that was drafted' : differences.join('; ');
  throw new Refusal(
    'stale-draft',
    `The draft is not what would be published now: ${what}. Make a new draft, and sign that one.`,
  );
}

/** What a submitted profile says, as our own profiles are described. */
function contentOf({ inspectionCas, endpoints, retire, ...rest }: SecurityProfile): ProfileContent {
  return {
    inspectionCas: inspectionCas.map(({ certificate, ...scope }) => {
      const parsed = parseDer(certificate);
      return { ...describe(parsed), subjectName: parsed.subject.der, ...scope };
    }),
    endpoints,
    services: servicesIn(rest),
    retired: retire,
  };
}

/** For whom it has to be signed, at which time. */
export interface Verifying {
  readonly service: ServiceName;
  readonly publishing: Publishing;
  readonly now: UnixSeconds;
}

/** The certificate that signed, which devices of the organization would accept. @throws Refusal `signature-refused`, `not-yet` */
export function signerOf(envelope: Envelope, { service, publishing, now }: Verifying): Certificate {
  const organization = publishing.organization.name;
  const opened = explained(() => openEnvelope(envelope, 'publisher'), service, publishing); // spec E1 to E7
  const expected = { role: 'publisher', time: now, service, organization } as const;
  const anchors = publishing.anchors.map(({ anchor }) => trustAnchor(parseDer(anchor)));
  explained(() => verifySigner(opened, { ...expected, anchors }), service, publishing); // spec K1 to K6
  if (isUnderUsable(opened, publishing)) return opened.signer;
  throw claimsPending(organization);
}

function isUnderUsable({ signer }: OpenedEnvelope, publishing: Publishing): boolean {
  return usableAnchors(publishing).some(({ anchor }) => isSignedBy(signer, parseDer(anchor).publicKey));
}

function explained<Result>(work: () => Result, service: ServiceName, publishing: Publishing): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const remedy = remedyOf(cause, publisherUri(service, publishing.organization.name));
    throw new Refusal('signature-refused', `Devices would refuse it (${cause.code}). ${remedy}`, { cause });
  }
}

/** What to do about what people get wrong with openssl; for the rest, what the code means. */
function remedyOf({ code }: ProtocolError, uri: string): string {
  switch (code) {
    case 'signer-untrusted':
      return 'The certificate that signed was not issued directly by a publisher anchor of the organization: sign with one that is ("windlass publisher list").';
    case 'signer-purpose':
      return `The extended key usage of the certificate that signed has to be that of a publisher, ${PURPOSE.publisher}, alone.`;
    case 'signer-name':
      return `The certificate that signed has to have one subject alternative name, the URI ${uri}, and no other.`;
    case 'cms':
    case 'algorithm':
    case 'digest-mismatch':
      return `${explainError(code)} Sign with the command that "windlass profile draft" printed, as it is.`;
    default:
      return explainError(code);
  }
}

/** The times are such that devices take it, and for long enough. @throws Refusal `signature-refused`, `stale-draft` */
export function refuseTimes({ issued, expires }: ProfileNumbers, signer: Certificate, now: UnixSeconds): void {
  const end = timeOf(signer.notAfter);
  refuseUnless(
    expires <= end,
    'signature-refused',
    `The profile ends ${formatTime(expires)}, after the certificate that signed it (${formatTime(end)}), so devices would refuse it: make the draft with --publisher-certificate.`,
  ); // spec D17
  const again = 'make a new draft, and sign that one';
  refuseUnless(issued <= now, 'stale-draft', `The draft is from the future (${formatTime(issued)}): ${again}.`); // spec D17
  refuseUnless(
    now - issued <= MAX_DRAFT_AGE_SECONDS,
    'stale-draft',
    `The draft is of ${formatTime(issued)}, more than 30 days ago: ${again}.`,
  );
  refuseUnless(
    expires >= now + LEAST_LIFE_SECONDS && expires <= issued + DEFAULT_PROFILE_SECONDS,
    'stale-draft',
    `The profile would end ${formatTime(expires)}, which is in less than a day, or more than a year after it was drafted: ${again}.`,
  );
}
