// Differences about rules of RFC 5280 and RFC 9525: we refuse what they forbid, and openssl does not look.

import type { DifferenceClass } from './difference.ts';

/** Classes in which we refuse by an RFC. */
export const RFC_CLASSES: readonly DifferenceClass[] = [
  {
    name: 'list-of-nothing',
    sentence:
      'openssl takes empty lists; we are right: constraints, policies, names, locations and distribution points have at least one part (RFC 5280 §4.2.1.4, §4.2.1.6, §4.2.1.10, §4.2.1.11, §4.2.1.13, §4.2.2.1).',
    mutations: [
      '{ca,root}.constraint.{excluded-nothing,permitted-nothing,no-lists}',
      '*.{information-access,name-constraints,subject-alt-name,policies,crl-distribution-points}.value-emptied',
      '*.policy.no-constraints',
    ],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['ca.constraint.no-lists'],
  },
  {
    name: 'extension-twice',
    sentence:
      'openssl 3.0 looks for doubles of those extensions only that it processes; we are right: none may be there twice (RFC 5280 §4.2).',
    mutations: [
      '*.{policies,policy-mappings,policy-constraints,inhibit-any-policy,issuer-alt-name,freshest-crl,information-access}.doubled',
    ],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.policies.doubled'],
  },
  {
    name: 'information-access-malformed',
    sentence: 'openssl leaves the information access unread; we are right: RFC 5280 §4.2.2.1 says what it is.',
    mutations: ['*.information-access.{value-null,value-nothing,value-cut}'],
    ours: ['der', 'certificate'],
    openssl: 'accepted',
    example: ['leaf.information-access.value-null'],
  },
  {
    name: 'policies-malformed',
    sentence:
      'openssl leaves policies, their mappings and constraints unread unless -policy_check is given; we are right: RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11 and §4.2.1.14 say what they are, and that no mapping has any policy.',
    mutations: [
      '*.{policy-mappings,policy-constraints,inhibit-any-policy}.value-null',
      '*.policies.{value-null,value-nothing,value-cut}',
      '*.policy.{explicit-negative,inhibit-any-negative,map-to-any,the-same-twice}',
    ],
    ours: ['certificate', 'der'],
    openssl: 'accepted',
    example: ['ca.policy.map-to-any'],
  },
  {
    name: 'policy-demanded',
    sentence:
      'openssl ignores policies unless -policy_check is given; we are right to refuse: an explicit policy is demanded, and we process none (RFC 5280 §6.1.5 g).',
    mutations: ['*.policy.explicit-{0,1,2}'],
    ours: ['policy-required'],
    openssl: 'accepted',
    example: ['ca.policy.explicit-0'],
  },
  {
    name: 'version-and-extensions',
    sentence:
      'openssl takes extensions and identifiers in any version, and any version; we are right: extensions are for version 3, and there is none above it (RFC 5280 §4.1.2.1, §4.1.2.8, §4.1.2.9).',
    mutations: [
      '*.version.{1,1-spelled-out,2,2-without-extensions,1-without-extensions,4,negative,padded}',
      '*.damage.version.*',
      '*.identifiers.version-1',
    ],
    ours: ['certificate', 'der', 'not-a-ca'],
    openssl: 'accepted',
    example: ['leaf.version.4'],
  },
  {
    name: 'inner-algorithm',
    sentence:
      'openssl compares the two algorithms in -x509_strict only; we are right: they are the same (RFC 5280 §4.1.1.2).',
    mutations: [
      '*.algorithm.{inside-null-only,inside-other,outside-other}',
      '*.damage.algorithm.{doubled,shortened,lengthened,emptied,removed,retagged,changed,wrapped,constructed}',
    ],
    profile: 'webpki-like',
    ours: ['certificate', 'der'],
    openssl: 'accepted',
    example: ['root.algorithm.inside-null-only'],
  },
  {
    name: 'algorithm-parameters',
    sentence:
      'openssl does not read the parameters; we are right: none for ECDSA and Ed25519 (RFC 5758 §3.2, RFC 8410 §3), NULL for RSA (RFC 4055 §5).',
    mutations: ['*.algorithm.{ecdsa-null,ed25519-null,rsa-odd-parameters}'],
    ours: ['algorithm', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.algorithm.ecdsa-null'],
  },
  {
    name: 'key-parameters',
    sentence: 'openssl takes an RSA key without NULL; we are right: RFC 3279 §2.3.1.',
    mutations: ['*.key.rsa-no-null', '*.damage.key.{wrapped,removed,retagged}'],
    ours: ['weak-key', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.key.rsa-no-null'],
  },
  {
    name: 'key-that-is-none',
    sentence:
      'openssl looks at the size of a key only; we are right: a modulus is positive, an exponent odd and above 1 (RFC 8017 §3.1), a point not hybrid nor at infinity (RFC 5480 §2.2).',
    mutations: [
      '*.key.{rsa-modulus-negative,rsa-exponent-1,rsa-exponent-even,point-hybrid,point-at-infinity}',
      '*.damage.key.{changed,lengthened,shortened}',
    ],
    ours: ['weak-key', 'unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.key.rsa-exponent-1'],
  },
  {
    name: 'ca-without-a-name',
    sentence:
      'openssl takes a CA with an empty subject, or an empty relative name; we are right: RFC 5280 §4.1.2.4, §4.1.2.6.',
    mutations: ['*.subject.{empty,empty-relative}', '*.damage.{subject,issuer}.{emptied,removed}'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.damage.subject.emptied'],
  },
  {
    name: 'constraints-on-a-leaf',
    sentence: 'openssl takes name constraints on a leaf; we are right: they are for CAs (RFC 5280 §4.2.1.10).',
    mutations: ['leaf.name-constraints.{present,critical-flipped}', 'leaf.constraint.on-the-leaf'],
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['leaf.constraint.on-the-leaf'],
  },
  {
    name: 'leaf-that-signs-certificates',
    sentence:
      'openssl lets a leaf have keyCertSign, or a path length, unless -x509_strict; we are right: both are for CAs (RFC 5280 §4.2.1.3, §4.2.1.9).',
    mutations: ['leaf.usage.{sign-all,sign-not-critical}', 'leaf.role.ca-false-with-path-length'],
    profile: 'webpki-like',
    ours: ['key-usage'],
    openssl: 'accepted',
    example: ['leaf.usage.sign-all'],
  },
  {
    name: 'mask-that-is-no-prefix',
    sentence:
      'openssl applies any mask; we are right: a range is a prefix as in RFC 4632 (RFC 5280 §4.2.1.10), and what cannot be judged is refused.',
    mutations: ['{ca,root}.constraint.address-{excluded,permitted}-odd-mask'],
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['ca.constraint.address-excluded-odd-mask'],
  },
  {
    name: 'range-of-wrong-length',
    sentence:
      'openssl reads a range only where an address is compared with it; we are right: it has 8 or 32 octets (RFC 5280 §4.2.1.10).',
    mutations: ['{ca,root}.constraint.address-permitted-of-{4,5}-octets'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['ca.constraint.address-permitted-of-5-octets'],
  },
  {
    name: 'subtree-with-distances',
    sentence:
      'openssl reads minimum and maximum only where a name is compared; we are right: neither is to be there (RFC 5280 §4.2.1.10).',
    mutations: ['{ca,root}.constraint.{minimum-1,maximum-5,minimum-1-of-other}'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['ca.constraint.minimum-1', 'leaf.names.address-right'],
  },
  {
    name: 'uri-without-a-host-name',
    sentence:
      'openssl compares what it takes for a host; we are right: under URI constraints a URI without a host name is refused (RFC 5280 §4.2.1.10).',
    mutations: ['{ca,root}.constraint.uri-excluded-address-v6'],
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['ca.constraint.uri-excluded-address-v6'],
  },
  {
    name: 'wildcard-within-excluded',
    sentence:
      'openssl compares a wildcard as if it were a name; we are right to refuse: it stands for the excluded name too (RFC 5280 §4.2.1.10, RFC 9525 §6.3).',
    mutations: ['{ca,root}.constraint.dns-excluded-itself-and-wildcard'],
    ours: ['name-constraints'],
    openssl: 'accepted',
    example: ['ca.constraint.dns-excluded-itself-and-wildcard'],
  },
  {
    name: 'name-of-wrong-form',
    sentence:
      'openssl reads an alternative name only where it is compared; we are right: an address has 4 or 16 octets, a DNS name is a primitive string (RFC 5280 §4.2.1.6).',
    mutations: [
      'leaf.names.{address-of-5-octets,address-of-8-octets,dns-constructed}',
      'leaf.damage.subject-alt-name.{retagged,changed}',
    ],
    ours: ['certificate', 'der'],
    openssl: 'accepted',
    example: ['leaf.names.address-of-5-octets'],
  },
  {
    name: 'common-name-as-host',
    sentence: 'openssl falls back to the common name; we are right: it is never a host (RFC 9525 §2, §6.3).',
    mutations: ['leaf.names.{only-of-common-name,common-name-beside-email}', 'leaf.subject-alt-name.removed'],
    ours: ['name-mismatch'],
    openssl: 'accepted',
    example: ['leaf.names.only-of-common-name'],
  },
  {
    name: 'wildcard-in-a-label',
    sentence:
      'openssl lets `*` stand for a part of a label, and takes it in the name asked for; we are right: it is the whole leftmost label, and of certificates only (RFC 9525 §6.3).',
    mutations: ['leaf.names.{wildcard-within-label,wildcard-at-end-of-label,wildcard-asked-for}'],
    ours: ['name-mismatch'],
    openssl: 'accepted',
    example: ['leaf.names.wildcard-asked-for'],
  },
  {
    name: 'host-that-is-no-name',
    sentence:
      'openssl takes any text as a host; we are right: what is asked for is a name of letters, digits and hyphens (RFC 9525 §6.2, RFC 1034 §3.5).',
    mutations: ['leaf.names.{a-number-as-last-label,empty-label,hyphen-in-front,underscore}'],
    profile: 'webpki-like',
    ours: ['name-mismatch'],
    openssl: 'accepted',
    example: ['leaf.names.hyphen-in-front'],
  },
  {
    name: 'foreign-critical',
    sentence:
      'openssl knows more critical extensions (address blocks, the Netscape type, OCSP without check); we are right to refuse what we do not process (RFC 5280 §4.2).',
    mutations: ['*.foreign.{address-blocks,netscape-client-critical,ocsp-no-check-critical}'],
    ours: ['unknown-critical-extension'],
    openssl: 'accepted',
    example: ['leaf.foreign.ocsp-no-check-critical'],
  },
  {
    name: 'server-by-step-up',
    sentence:
      'openssl takes the step-up purposes of Netscape and Microsoft for that of a server; we are right: a server has id-kp-serverAuth (RFC 5280 §4.2.1.12).',
    mutations: ['*.purpose.step-up-{netscape,microsoft}'],
    ours: ['extended-key-usage'],
    openssl: 'accepted',
    example: ['leaf.purpose.step-up-netscape'],
  },
  {
    name: 'unusual-string-types',
    sentence:
      'openssl compares UniversalString as text; we compare such types as bytes, which RFC 5280 §7.1 leaves to each.',
    mutations: ['{ca,leaf}.issuer.as-universal'],
    ours: ['unknown-issuer'],
    openssl: 'accepted',
    example: ['leaf.issuer.as-universal'],
  },
];
