// What a CA must be before the claims of an organization name it as publisher anchor: who has its key says what that organization's devices
// trust. It is the CA that issues the publisher's certificate directly. @see spec K1, K6, D19
import { MAX_PUBLISHERS, type OrganizationId, PURPOSE, type UnixSeconds } from '@windlass/protocol';
import { type Certificate, isSelfIssued, isWeakKey } from '@windlass/x509';
import { describe, keyDigestOf, parseDer, parseOnePem, timeOf } from './certificates.ts';
import type { Management } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { PublisherAnchor } from './store/management-ports-publishers.ts';

/** Of all anchors of an organization, in DER: each claim has them, and an answer has room for so much beside a profile. */
const MAX_ANCHORS_BYTES = 6_144;
const ENDS_SOON_SECONDS = 400 * 86_400;
const ANY_PURPOSE = '2.5.29.37.0';
const BASIC_CONSTRAINTS = '2.5.29.19';

/** An anchor before it has its place. */
export interface NewAnchor {
  readonly anchor: Pick<PublisherAnchor, 'keyDigest' | 'anchor' | 'expires'>;
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/** A new anchor whose keys the service keeps. @throws SignerError */
export async function newHostedAnchor(
  { keys }: Management,
  organization: OrganizationId,
  now: UnixSeconds,
): Promise<NewAnchor['anchor']> {
  const { anchor, expires } = await keys.addPublisher(organization, now);
  return { keyDigest: keyDigestOf(parseDer(anchor)), anchor, expires };
}

/**
 * The CA of the PEM text, which can be a publisher anchor of the organization.
 * @throws Refusal `private-key-in-upload`, `certificate-refused`, `exists`
 */
export async function newOwnAnchor(
  management: Management,
  tables: ManagementTables,
  organization: OrganizationId,
  pem: string,
): Promise<NewAnchor> {
  const certificate = parseOnePem(pem);
  const now = management.now();
  lint(certificate, management, now);
  const { keyDigest, notAfter } = describe(certificate);
  await refuseOtherKeys(management, tables, certificate);
  const same = (await tables.publishers.of(organization)).some((anchor) => anchor.keyDigest === keyDigest);
  refuseUnless(
    !same,
    'exists',
    `${organization} has a publisher anchor with this key already: list them, and check the file.`,
  );
  return { anchor: { keyDigest, anchor: certificate.der, expires: notAfter }, warnings: warningsOf(certificate, now) };
}

/** Devices would take no profile under it. @throws Refusal `certificate-refused` */
function lint(certificate: Certificate, { publicRootKeys }: Management, now: UnixSeconds): void {
  const { extensions, publicKey, subject, notBefore, notAfter } = certificate;
  const { basicConstraints, keyUsage, extendedKeyUsage, unknownCritical, nameConstraints } = extensions;
  const must = (condition: boolean, sentence: string) => refuseUnless(condition, 'certificate-refused', sentence);
  must(
    basicConstraints?.ca === true,
    "This certificate is not a CA's: give the CA that issues the publisher's certificate, not that certificate.",
  );
  must(
    extensions.critical.includes(BASIC_CONSTRAINTS),
    'The basic constraints of this CA are not critical, so devices refuse it as issuer: make one where they are.',
  );
  must(
    subject.folded.length > 0,
    'This CA has an empty subject, so no certificate can name it as issuer: make another.',
  );
  must(
    keyUsage?.includes('keyCertSign') !== false,
    'This CA may not sign certificates (key usage): make one that may.',
  );
  must(
    !isWeakKey(publicKey),
    'The key of this CA is too weak or of an unusual kind: use P-256, P-384, P-521, or RSA of 2048 to 8192 bits.',
  );
  must(
    extendedKeyUsage === undefined || [PURPOSE.publisher, ANY_PURPOSE].some((each) => extendedKeyUsage.includes(each)),
    `This CA may not issue publishers (extended key usage): make one without, or with ${PURPOSE.publisher}.`,
  );
  must(unknownCritical.length === 0, 'This CA has a critical extension that devices do not know: make one without it.');
  must(
    nameConstraints === undefined,
    'This CA is limited to certain names, and the name of a publisher is a URI: give one without name constraints.',
  );
  must(timeOf(notAfter) > now, 'This CA has ended: give one that is valid.');
  must(timeOf(notBefore) <= now, 'This CA is not valid yet: add it when it is.');
  const isPublic = publicRootKeys.some((key) => Buffer.compare(key, publicKey.der) === 0);
  must(!isPublic, 'This is a root of the public web, under which anybody gets certificates: give a CA of your own.');
}

function warningsOf(certificate: Certificate, now: UnixSeconds): readonly string[] {
  const soon = timeOf(certificate.notAfter) - now < ENDS_SOON_SECONDS;
  return [
    ...(soon ? ['This CA ends within 400 days, and no profile outlives it: plan what follows it.'] : []),
    ...(isSelfIssued(certificate)
      ? []
      : [
          'This CA is below another one. Devices trust this one alone, until its own end, and hear nothing of its revocation.',
        ]),
  ];
}

/** A key that vouches for something else here must not say what devices trust. @throws Refusal `certificate-refused` @see spec D19 */
async function refuseOtherKeys(
  management: Management,
  tables: ManagementTables,
  certificate: Certificate,
): Promise<void> {
  const key = keyDigestOf(certificate);
  const others = [
    ...management.serviceAnchors.map(keyDigestOf),
    ...(await tables.manufacturers.all()).map(({ keyDigest }) => keyDigest),
  ];
  const isHosted = (await tables.publishers.all()).some(
    (anchor) => anchor.keyDigest === key && anchor.kind === 'hosted',
  );
  const isDevice = (await tables.registeredDevices.withKey(key)) !== null;
  refuseUnless(
    !others.includes(key) && !isHosted && !isDevice && !(await tables.inspectionCas.hasKey(key)),
    'certificate-refused',
    'The key of this CA has another part here (service anchor, hosted publisher, manufacturer, device or inspection CA): a publisher anchor needs a key of its own.',
  ); // spec D19
}

/** @throws Refusal `limit-reached` */
export function refuseTooManyAnchors(anchors: readonly PublisherAnchor[]): void {
  const bytes = anchors.reduce((sum, { anchor }) => sum + anchor.length, 0);
  if (anchors.length <= MAX_PUBLISHERS && bytes <= MAX_ANCHORS_BYTES) return;
  throw new Refusal(
    'limit-reached',
    `An organization has at most ${MAX_PUBLISHERS} publisher anchors, of ${MAX_ANCHORS_BYTES} bytes together: remove one first.`,
  );
}

/** What the audit says of an anchor. */
export function anchorState({ kind, keyDigest, anchor }: PublisherAnchor) {
  return { kind, keyDigest, subject: describe(parseDer(anchor)).subject };
}
