// Differences about encoding: openssl reads BER and leaves parts unread; we refuse what is not DER or not its type.

import type { DifferenceClass } from './difference.ts';

/** Classes in which we refuse the encoding, and openssl does not look. */
export const ENCODING_CLASSES: readonly DifferenceClass[] = [
  {
    name: 'ber-length',
    sentence:
      'openssl reads BER; we are right: RFC 5280 §4.1 wants DER, whose lengths are definite and as short as can be (X.690 §10.1).',
    mutations: [
      '*.{body,certificate}.length-{padded,indefinite}',
      '*.*.value-length-padded',
      '*.damage.*.length-{padded,indefinite}',
    ],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.body.length-padded'],
  },
  {
    name: 'ber-length-of-one-algorithm',
    sentence:
      'openssl compares the two algorithms once read, and reads BER; we are right: they are the same DER (RFC 5280 §4.1.1.2, X.690 §10.1).',
    mutations: ['*.damage.algorithm.{length-padded,length-indefinite}'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.damage.algorithm.length-padded'],
  },
  {
    name: 'constructed-primitive',
    sentence:
      'openssl reads strings in pieces, and sets of the wrong form; we are right: in DER strings are primitive (X.690 §10.2, §8.12).',
    mutations: ['*.damage.*.constructed', '*.damage.{authority-key-identifier,subject-alt-name}.wrapped'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.damage.issuer.constructed'],
  },
  {
    name: 'octets-after-the-value',
    sentence:
      'openssl leaves unread what follows a value (or what its length, when damaged, leaves over); we are right: an extension, a key, a certificate is the DER of one value (RFC 5280 §4.2, §4.1).',
    mutations: [
      '*.*.value-trailing',
      '*.certificate.trailing-bytes',
      '*.key.rsa-trailing-bytes',
      '*.damage.{authority-key-identifier,subject-key-identifier,basic-constraints,key-usage}.{lengthened,doubled,changed}',
      '*.damage.{extended-key-usage,subject-alt-name,key}.{lengthened,doubled,changed}',
    ],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.key-usage.value-trailing'],
  },
  {
    name: 'default-spelled-out',
    sentence:
      'openssl takes defaults that are written; we are right: DER leaves them out, `critical FALSE` and the minimum 0 too (X.690 §11.5).',
    mutations: ['*.*.critical-false', '*.constraint.minimum-0'],
    ours: ['der', 'certificate'],
    openssl: 'accepted',
    example: ['leaf.key-usage.critical-false'],
  },
  {
    name: 'boolean-of-1',
    sentence: 'openssl takes any octet but 0 as TRUE; we are right: in DER it is 255 (X.690 §11.1).',
    mutations: ['*.*.critical-as-1', '*.role.ca-as-1', '*.damage.basic-constraints.changed'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.key-usage.critical-as-1'],
  },
  {
    name: 'named-bits',
    sentence:
      'openssl reads any bit string as key usage; we are right: DER has no zero bits at its end, and there are nine bits (X.690 §11.2.2, RFC 5280 §4.2.1.3).',
    mutations: [
      '*.usage.{zero-bits-at-the-end,zero-octet-at-the-end,three-octets}',
      '*.damage.key-usage.{lengthened,changed}',
    ],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['ca.usage.zero-bits-at-the-end'],
  },
  {
    name: 'unused-bits-set',
    sentence: 'openssl masks unused bits; we are right: in DER they are zero (X.690 §11.2.1).',
    mutations: ['*.usage.unused-bits-set', '*.key.unused-bits-set', '*.damage.{key-usage,key}.changed'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['ca.usage.unused-bits-set'],
  },
  {
    name: 'key-not-of-whole-octets',
    sentence:
      'openssl drops the number of unused bits of a key; we are right: the keys we know are whole octets (RFC 5480 §2.2, RFC 3279 §2.3.1, RFC 8410 §4).',
    mutations: ['*.key.unused-bits-clear'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.key.unused-bits-clear'],
  },
  {
    name: 'signature-of-an-anchor-malformed',
    sentence:
      'openssl does not look at the signature of a root; we do not verify it either, but it has to be a string of whole octets (RFC 5280 §4.1.1.3, X.690 §11.2.1).',
    mutations: ['root.signature.unused-bits'],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['root.signature.unused-bits'],
  },
  {
    name: 'number-malformed',
    sentence:
      'openssl reads an INTEGER with a zero octet too many, or without any octet, inside of a key; we are right: X.690 §8.3.',
    mutations: ['*.key.rsa-modulus-padded', '*.damage.key.{emptied,changed,shortened}'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.key.rsa-modulus-padded'],
  },
  {
    name: 'set-unsorted',
    sentence:
      'openssl takes the parts of a relative name in any order; we are right: a SET OF is sorted (X.690 §11.6).',
    mutations: ['*.{issuer,subject}.two-in-one-unsorted'],
    ours: ['der'],
    openssl: 'accepted',
    example: ['leaf.issuer.two-in-one-unsorted'],
  },
  {
    name: 'string-not-of-its-type',
    sentence: 'openssl does not look into strings; we are right: an IA5String is ASCII (RFC 5280 §4.1.2.4, §4.2.1.6).',
    mutations: [
      '*.subject.ia5-non-ascii',
      'leaf.names.non-ascii',
      '{ca,root}.constraint.dns-non-ascii',
      'leaf.damage.subject-alt-name.{changed,lengthened}',
      '*.damage.{subject,issuer}.{changed,lengthened,retagged}',
    ],
    ours: ['certificate'],
    openssl: 'accepted',
    example: ['leaf.names.non-ascii'],
  },
];
