// What the certificates of our own signers look like: names, purposes, lifetimes. Spec section 1, K3 to K6.
import type { KeyObject } from 'node:crypto';
import { PURPOSE, publisherUri, type UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { timeOf } from '../certificates.ts';
import { type CertificateForm, certify, type KeyAndCertificate, type NewSigner, newKey } from './certify.ts';
import type { SignerPurpose } from './ports.ts';

const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365 * DAY_SECONDS;
/** A clock that is a little late must not make a new certificate one of the future. */
const BACKDATED_SECONDS = 300;

/** How long each kind of certificate lasts, in seconds. */
export const LIFETIME = {
  serviceAnchor: 20 * YEAR_SECONDS,
  /** Below the 31 days of spec K5. */
  responder: 30 * DAY_SECONDS,
  claimAuthority: 2 * YEAR_SECONDS,
  publisherAnchor: 20 * YEAR_SECONDS,
  publisher: 3 * YEAR_SECONDS,
} as const;

/** How long two responders that follow each other are both valid, in seconds. */
export const RESPONDER_OVERLAP_SECONDS = DAY_SECONDS;

/** A new service anchor with its key, P-256. Its one dNSName says whose it is. */
export function newServiceAnchor(service: string, now: UnixSeconds): NewSigner {
  const key = newKey();
  const form: CertificateForm = {
    commonName: 'Windlass service anchor',
    from: now - BACKDATED_SECONDS,
    until: now + LIFETIME.serviceAnchor,
    name: { kind: 'dns', value: service },
    authority: { pathLength: 1 },
  };
  return certify(form, key, null);
}

/** The certificate of a signer that a service anchor issues, with a new key; valid from `from`. */
export function newServiceSigner(
  role: SignerPurpose,
  anchor: KeyAndCertificate,
  service: string,
  from: UnixSeconds,
): NewSigner {
  const responder = role === 'responder';
  const until = from + (responder ? LIFETIME.responder : LIFETIME.claimAuthority);
  const form: CertificateForm = {
    commonName: responder ? 'Windlass responder' : 'Windlass claim authority',
    from: from - BACKDATED_SECONDS,
    until: Math.min(until - BACKDATED_SECONDS, timeOf(anchor.certificate.notAfter)),
    name: { kind: 'dns', value: service },
    purpose: PURPOSE[role],
  };
  return certify(form, newKey(), anchor);
}

/** A new publisher anchor of an organization, with its key. */
export function newPublisherAnchor(organization: string, now: UnixSeconds): NewSigner {
  const form: CertificateForm = {
    commonName: 'Windlass publisher anchor',
    organization,
    from: now - BACKDATED_SECONDS,
    until: now + LIFETIME.publisherAnchor,
    authority: { pathLength: 0 },
  };
  return certify(form, newKey(), null);
}

/** A publisher of an organization, issued directly by its anchor (spec K6), with a new key unless one is given. */
export function newPublisher(
  organization: string,
  anchor: KeyAndCertificate,
  service: string,
  now: UnixSeconds,
  key: KeyObject = newKey(),
): NewSigner {
  const form: CertificateForm = {
    commonName: 'Windlass publisher',
    organization,
    from: now - BACKDATED_SECONDS,
    until: Math.min(now + LIFETIME.publisher, timeOf(anchor.certificate.notAfter)),
    name: { kind: 'uri', value: publisherUri(service, organization) },
    purpose: PURPOSE.publisher,
  };
  return certify(form, key, anchor);
}

/** When the certificate starts to be valid for signing, without the part that it was dated back. */
export function startOf(certificate: Certificate): UnixSeconds {
  return (timeOf(certificate.notBefore) + BACKDATED_SECONDS) as UnixSeconds;
}
