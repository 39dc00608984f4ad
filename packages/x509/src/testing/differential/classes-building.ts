// Differences about which certificates belong together: anchors, issuers, names, several paths. We accept, openssl does not.

import type { DifferenceClass } from './difference.ts';

/** openssl's errors when it finds no issuer that suits it. */
const NO_ISSUER = [2, 19, 20, 21] as const;
const NAMES_OF_OTHER_FORM =
  '{decomposed,in-other-case-non-ascii,sharp-s-as-ss,wide-characters,kelvin-sign,with-soft-hyphen,with-nul}';

/** Classes in which we find a path that openssl does not find, or take an anchor that it does not take. */
export const BUILDING_CLASSES: readonly DifferenceClass[] = [
  {
    name: 'anchor-not-self-issued',
    sentence:
      'openssl without -partial_chain trusts only what issued itself; we are right: an anchor is a name and a key (RFC 5280 §6.1.1 d).',
    mutations: [
      'chain.order.{root-and-ca-trusted,root-given-and-ca-trusted}',
      'root.issuer.{other,empty,no-set}',
      'root.damage.issuer.*',
    ],
    ours: 'accepted',
    openssl: NO_ISSUER,
    example: ['root.issuer.other'],
  },
  {
    name: 'anchor-self-signature',
    sentence:
      'openssl wants that the algorithm of the self-signature fits the key; we are right: nobody judges an anchor by its signature (RFC 5280 §6.1.1 d).',
    mutations: ['root.algorithm.*', 'root.damage.algorithm.*'],
    ours: 'accepted',
    openssl: [...NO_ISSUER, 7, 78],
    example: ['root.algorithm.pkcs1-by-pss-key'],
  },
  {
    name: 'key-identifier-is-a-hint',
    sentence:
      'openssl refuses an issuer whose key identifier, or serial number, is not the one named; we are right: they help to find it, and are no part of validation (RFC 5280 §4.2.1.1, §6.1).',
    mutations: [
      '*.authority.{empty-key,other-key,other-serial,other-issuer,serial-only,issuer-only,issuer-and-serial}',
      '*.own-key-identifier.{other,empty,long}',
      '*.subject-key-identifier.value-emptied',
      '*.damage.{authority-key-identifier,subject-key-identifier}.*',
    ],
    ours: 'accepted',
    openssl: NO_ISSUER,
    example: ['leaf.authority.other-key'],
  },
  {
    name: 'names-folded-as-ldap-does',
    sentence:
      'openssl folds the case of ASCII only; we are right: names are prepared as RFC 4518 §2 says, with all scripts, compatibility forms and what is invisible (RFC 5280 §7.1).',
    mutations: [`{ca,leaf}.issuer.${NAMES_OF_OTHER_FORM}`, '*.damage.{issuer,subject}.{lengthened,changed}'],
    ours: 'accepted',
    openssl: NO_ISSUER,
    example: ['leaf.issuer.in-other-case-non-ascii'],
  },
  {
    name: 'other-paths-are-tried',
    sentence:
      'openssl 3.0 takes the first issuer of the right name and never comes back; we are right: any path will do (RFC 5280 §6.1, RFC 4158 §2.2).',
    mutations: [
      'chain.extra.{cross-signed-by-unknown-first,namesake-first-without-identifiers,namesake-last-without-identifiers}',
      'chain.extra.{twin-that-is-no-ca-first,twin-signed-by-itself-first,expired-twin-first,expired-root-beside,namesake-of-the-root}',
    ],
    ours: 'accepted',
    openssl: [...NO_ISSUER, 7, 10, 26, 79, 82],
    example: ['chain.extra.cross-signed-by-unknown-first'],
  },
  {
    name: 'anchor-form',
    sentence:
      'openssl -x509_strict judges the root like any certificate; we are right: its own form does not matter, only its name, key and constraints do (RFC 5280 §6.1.1 d).',
    mutations: ['root.{subject-key-identifier,key-usage}.removed', 'root.damage.{subject-key-identifier,key-usage}.*'],
    profile: 'strict',
    ours: 'accepted',
    openssl: [85, 86, 92],
    example: ['root.subject-key-identifier.removed'],
  },
  {
    name: 'value-that-is-no-text',
    sentence:
      'openssl cannot read a common name that is no string, or finds no issuer by it; we carry such values as bytes and compare them so (RFC 5280 §7.1 leaves it open), and nothing else depends on them.',
    mutations: [
      '*.subject.no-text',
      '{ca,leaf}.issuer.no-text-alike',
      '*.damage.{issuer,subject}.{wrapped,retagged,changed}',
    ],
    ours: 'accepted',
    openssl: [0, ...NO_ISSUER],
    example: ['leaf.subject.no-text'],
  },
  {
    name: 'last-second',
    sentence: 'openssl ends a certificate at its notAfter; we are right: the period is inclusive (RFC 5280 §4.1.2.5).',
    mutations: ['*.validity.last-second', '*.damage.validity.changed'],
    ours: 'accepted',
    openssl: [10],
    example: ['leaf.validity.last-second'],
  },
  {
    name: 'any-purpose-of-a-ca',
    sentence:
      'openssl wants the very purpose in a CA; we are right: anyExtendedKeyUsage in a CA restricts nothing (RFC 5280 §4.2.1.12).',
    mutations: ['{ca,root}.purpose.{any,client-and-any}'],
    ours: 'accepted',
    openssl: [26],
    example: ['ca.purpose.any'],
  },
  {
    name: 'extensions-of-others',
    sentence:
      'openssl obeys the Netscape type and proxy certificates; we are right: what is not critical and not of RFC 5280 is ignored (§4.2; RFC 3820 §3.8 wants proxies critical).',
    mutations: ['*.foreign.{netscape-client,netscape-server,proxy-not-critical}'],
    ours: 'accepted',
    openssl: [...NO_ISSUER, 26, 40],
    example: ['leaf.foreign.netscape-client'],
  },
  {
    name: 'user-in-a-uri',
    sentence:
      'openssl takes `user@host` for the host of a URI; we are right: the constraint is about the host (RFC 5280 §4.2.1.10, RFC 3986 §3.2).',
    mutations: ['{ca,root}.constraint.uri-permitted-with-user'],
    ours: 'accepted',
    openssl: [47],
    example: ['ca.constraint.uri-permitted-with-user'],
  },
  {
    name: 'dot-after-the-host',
    sentence:
      'openssl compares the dot that ends the name asked for; we drop it, as it says only that the name is whole (RFC 1034 §3.1), and certificates never have it (RFC 5280 §4.2.1.6).',
    mutations: ['leaf.host.with-a-dot-at-the-end'],
    ours: 'accepted',
    openssl: [62],
    example: ['leaf.host.with-a-dot-at-the-end'],
  },
  {
    name: 'leaf-key-unused',
    sentence:
      'openssl imports the key of the leaf; we hand it out as it is (RFC 5280 §6.1.6), and importing it (PublicKey.keyObject) says weak-key when a point is not on its curve, or parameters of PSS are none.',
    mutations: ['leaf.key.point-off-curve', 'leaf.damage.key.*'],
    ours: 'accepted',
    openssl: [66],
    example: ['leaf.key.point-off-curve'],
  },
  {
    name: 'email-constraints-and-smtp-names',
    sentence:
      'openssl implements RFC 9598, by which an e-mail constraint also binds the SmtpUTF8Mailbox form of otherName; we do not (README, "Not done"): that form is only bound by constraints of otherNames (RFC 5280 §4.2.1.10).',
    mutations: ['{ca,root}.constraint.email-excluded-smtp-name'],
    ours: 'accepted',
    openssl: [48, 53],
    example: ['ca.constraint.email-excluded-smtp-name'],
  },
];
