// Differences that we want: our profiles, allow-lists and limits, all of them documented.

import type { DifferenceClass } from './difference.ts';

/** Classes in which we refuse because a profile, a list or a limit says so. */
export const PROFILE_CLASSES: readonly DifferenceClass[] = [
  {
    name: 'algorithm-off-the-list',
    sentence:
      'openssl verifies it; our allow-list ends at SHA-256 and better, PSS with a salt as long as its digest, and Ed25519 (README, Limits).',
    mutations: [
      '*.algorithm.{ecdsa-sha224,ecdsa-sha3,rsa-sha224,pss-salt-20,pss-no-parameters,pss-default-sha1}',
      '*.key.ed448',
    ],
    ours: ['algorithm', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.algorithm.pss-salt-20'],
  },
  {
    name: 'key-off-the-list',
    sentence:
      'openssl takes it; our allow-list is P-256, P-384, P-521 as uncompressed points, RSA and Ed25519 (README, Limits; RFC 5480 §2.2 leaves compression open).',
    mutations: ['*.key.{p224,secp256k1,ed448,point-compressed}'],
    ours: ['weak-key', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.key.p224'],
  },
  {
    name: 'strict-rsa-size',
    sentence: 'openssl takes any size; our strict profile wants RSA moduli of whole octets (BR §6.1.5).',
    mutations: ['*.key.rsa-2050'],
    profile: 'strict',
    ours: ['weak-key', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.key.rsa-2050'],
  },
  {
    name: 'strict-serial',
    sentence:
      'openssl does not judge serial numbers; our strict profile is right: positive, of at most 20 octets (RFC 5280 §4.1.2.2).',
    mutations: ['{ca,leaf}.serial.{zero,negative,of-21-octets}', '{ca,leaf}.damage.serial.*'],
    profile: 'strict',
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.serial.zero'],
  },
  {
    name: 'strict-dns-name',
    sentence:
      'openssl takes any text as a DNS name; our strict profile is right: letters, digits and hyphens, a wildcard whole and leftmost (RFC 5280 §4.2.1.6, RFC 1034 §3.5, RFC 9525 §6.3).',
    mutations: [
      'leaf.names.{a-number-as-last-label,empty-dns,empty-label,hyphen-in-front,label-of-64-characters,of-255-characters}',
      'leaf.names.{underscore,underscore-beside,wildcard-at-end-of-label,wildcard-within-label,with-a-space,with-a-dot-in-front}',
      'leaf.damage.subject-alt-name.{emptied,changed,shortened,lengthened}',
      'leaf.names.{wildcard-in-a-label,dot-in-front-and-asked-below,with-a-dot-at-the-end}',
    ],
    profile: 'strict',
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.names.underscore-beside'],
  },
  {
    name: 'strict-critical-names',
    sentence:
      'openssl takes them; our strict profile wants alternative names critical only without a subject (RFC 5280 §4.2.1.6 SHOULD, BR §7.1.2.7.12).',
    mutations: ['leaf.names.critical-with-subject', 'leaf.subject-alt-name.critical-flipped'],
    profile: 'strict',
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.names.critical-with-subject'],
  },
  {
    name: 'strict-policy-constraints',
    sentence:
      'openssl does not look; our strict profile is right: policy constraints are critical (RFC 5280 §4.2.1.11).',
    mutations: ['*.policy-constraints.critical-flipped'],
    profile: 'strict',
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.policy-constraints.critical-flipped'],
  },
  {
    name: 'strict-purposes-of-a-leaf',
    sentence:
      'openssl takes a server without purposes, or with critical ones; our strict profile follows BR §7.1.2.7.10 and RFC 9525: the purpose is there, and not critical.',
    mutations: ['leaf.extended-key-usage.{removed,critical-flipped}', 'leaf.purpose.{server-critical,server-and-any}'],
    profile: 'strict',
    ours: ['extended-key-usage'],
    openssl: 'accepted',
    example: ['leaf.extended-key-usage.removed'],
  },
  {
    name: 'strict-purposes-of-a-root',
    sentence: 'openssl takes a root with purposes; our strict profile does not (BR §7.1.2.1.2).',
    mutations: [
      'root.extended-key-usage.{present,critical-flipped}',
      'root.purpose.{server,server-critical,server-twice,server-and-unknown,server-and-any,both}',
    ],
    profile: 'strict',
    ours: ['extended-key-usage'],
    openssl: 'accepted',
    example: ['root.purpose.server'],
  },
  {
    name: 'strict-digital-signature',
    sentence:
      'openssl takes a key that only encrypts or agrees; our strict profile wants digitalSignature (TLS 1.3 only signs).',
    mutations: ['leaf.usage.{agreement,encipherment,decipher-only}'],
    profile: 'strict',
    ours: ['key-usage'],
    openssl: 'accepted',
    example: ['leaf.usage.agreement'],
  },
  {
    name: 'strict-constraint-with-a-dot',
    sentence:
      'openssl takes a DNS constraint with a leading dot; our strict profile is right: RFC 5280 §4.2.1.10 has it for URIs and mailboxes only.',
    mutations: ['{ca,root}.constraint.dns-{permitted,excluded}-dot-in-front'],
    profile: 'strict',
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['ca.constraint.dns-permitted-dot-in-front'],
  },
  {
    name: 'ca-as-a-leaf',
    sentence:
      'openssl lets a CA be a server; we do not (README; BR §7.1.2.7.8): ask for the role of a CA to validate one.',
    mutations: [
      'leaf.role.{ca-true,ca-true-and-signs,ca-true-not-critical,path-length-*}',
      'chain.order.{leaf-is-a-ca,leaf-is-the-root}',
    ],
    ours: ['key-usage'],
    openssl: 'accepted',
    example: ['leaf.role.ca-true-and-signs'],
  },
  {
    name: 'root-that-is-no-ca',
    sentence:
      'openssl takes a self-signed root without basic constraints unless -x509_strict; we want an anchor given as a certificate to be a CA (README), and take the bare name and key of one that is not.',
    mutations: ['root.basic-constraints.removed', 'root.version.1-without-extensions', 'root.extension-list.none'],
    profile: 'webpki-like',
    ours: ['not-a-ca'],
    openssl: 'accepted',
    example: ['root.basic-constraints.removed'],
  },
  {
    name: 'judged-against-the-certificate',
    sentence:
      'openssl compares what it can; we refuse what cannot be judged: constraints or names that are none, and quoted mailboxes (name-constraints.ts; RFC 5280 §4.2.1.6, §4.2.1.10 want well-formed ones).',
    mutations: [
      '{ca,root}.constraint.{dns-excluded-no-name,dns-excluded-and-malformed-name,dns-permitted-and-malformed-name}',
      '{ca,root}.constraint.{email-permitted-quoted-at,email-excluded-malformed-name}',
      'leaf.names.{wildcard-within-label,wildcard-at-end-of-label,underscore,underscore-beside,empty-label,hyphen-in-front}',
    ],
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['ca.constraint.dns-excluded-no-name'],
  },
  {
    name: 'limit-of-intermediates',
    sentence:
      'openssl goes on to a depth of 100; our limit is 8 intermediates that are not self-issued (README, Limits).',
    mutations: ['chain.order.9-intermediates'],
    ours: ['path-length'],
    openssl: 'accepted',
    example: ['chain.order.9-intermediates'],
  },
  {
    name: 'limit-of-numbers',
    sentence:
      'openssl cuts numbers; we read path lengths below 2^31 only, though RFC 5280 §4.2.1.9 has no end: no real CA has such a number.',
    mutations: ['*.role.path-length-{huge,2^31}'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['ca.role.path-length-2^31'],
  },
];
