// What is wrong, or only unusual, with the CA that somebody wants devices to trust: in words for the person who exported it.
import { formatTime, MAX_RSA_BITS, MIN_RSA_BITS, type UnixSeconds } from '@windlass/protocol';
import { type Certificate, isSelfIssued } from '@windlass/x509';
import { timeOf } from './certificates.ts';
import { refuseUnless } from './refusal.ts';

const WARN_BEFORE_END_SECONDS = 90 * 86_400;

/**
 * The warnings about a CA that devices would accept.
 * @throws Refusal `certificate-refused`: what devices would refuse (spec D18), or what would not work in a proxy
 */
export function lintUpload(certificate: Certificate, now: UnixSeconds): readonly string[] {
  refuseUnusable(certificate, now);
  const { extensions, notAfter, notBefore } = certificate;
  const { subjectKeyIdentifier, authorityKeyIdentifier, basicConstraints } = extensions;
  const issued = !isSelfIssued(certificate);
  const findings: readonly (readonly [boolean, string])[] = [
    [
      subjectKeyIdentifier === undefined,
      'It has no subject key identifier: where two CAs have one name, some programs take the wrong one.',
    ],
    [
      issued && authorityKeyIdentifier === undefined,
      'It has no authority key identifier, which some programs want of a CA that another CA issued.',
    ],
    [
      issued,
      'It is not a root: programs that trust only roots (older OpenSSL, Java without an option) also need the CA above it.',
    ],
    [
      !extensions.critical.includes(BASIC_CONSTRAINTS) && basicConstraints !== undefined,
      'Its basic constraints are not critical: some programs do not take it as a CA.',
    ],
    [notBefore > now, `It is valid only from ${formatTime(timeOf(notBefore))} on: devices will not use it before.`],
    [
      notAfter - now < WARN_BEFORE_END_SECONDS,
      `It ends ${formatTime(timeOf(notAfter))}: register its successor in time.`,
    ],
  ];
  return findings.filter(([found]) => found).map(([, sentence]) => sentence);
}

const BASIC_CONSTRAINTS = '2.5.29.19';

function refuseUnusable({ extensions, notAfter, publicKey, signatureAlgorithm }: Certificate, now: UnixSeconds): void {
  const { keyUsage, unknownCritical } = extensions;
  const refused = (found: boolean, sentence: string) => refuseUnless(!found, 'certificate-refused', sentence);
  refused(notAfter < now, `This CA ended ${formatTime(timeOf(notAfter))}: renew it in the proxy, and export it again.`);
  refused(
    keyUsage !== undefined && !keyUsage.includes('keyCertSign'),
    'This CA may not sign certificates (its key usage lacks keyCertSign): make a CA for TLS inspection in the proxy, and export that.',
  );
  const rsa = publicKey.type.startsWith('rsa');
  refused(
    rsa && (publicKey.bits < MIN_RSA_BITS || publicKey.bits > MAX_RSA_BITS),
    `The key of this CA is RSA with ${publicKey.bits} bits, and devices take ${MIN_RSA_BITS} to ${MAX_RSA_BITS}: make a new CA in the proxy.`,
  );
  refused(
    publicKey.type === 'other',
    'The key of this CA is of a kind that devices do not know: make one with RSA, P-256 or P-384.',
  );
  refused(
    signatureAlgorithm === 'unsupported',
    'This CA is signed with a weak or unknown algorithm (like SHA-1): make a new CA with SHA-256 in the proxy.',
  );
  refused(
    unknownCritical.length > 0,
    'This CA has a critical extension that programs do not know and would refuse: make one without it.',
  );
}
