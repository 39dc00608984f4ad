// RFC 5280 §4.2.1.10: name constraints on e-mail addresses, DNS names, URIs and IP addresses, in paths of real certificates.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields } from '../extension-encoding.ts';
import {
  attribute,
  type Case,
  generalName,
  nameOf,
  plainName,
  type Subtrees,
  san,
  under,
  verdicts,
} from '../testing/examination.ts';
import type { TestFields } from '../testing/test-certificates.ts';

const { address, dns, email, octets, range, uri } = generalName;
const names = (...of: Uint8Array[]): TestFields => ({ extensions: san(...of) });
const REFUSED = 'name-constraints';

describe('§4.2.1.10 e-mail addresses', () => {
  const host: Subtrees = { permitted: [email('a.test')] };
  const inSubject = (value: string, extensions: ExtensionFields = { subjectAltName: undefined }): TestFields => ({
    subject: plainName(['CN', 'x'], ['emailAddress', value]),
    extensions,
  });
  const utf8Subject = nameOf([attribute('1.2.840.113549.1.9.1', der.utf8String('me@b.test'))]);
  test.each<Case>([
    ['of the host', under([host], names(email('me@a.test'))), 'accepted'],
    ['of a host below', under([host], names(email('me@x.a.test'))), REFUSED],
    [
      'of a host below, with a leading dot',
      under([{ permitted: [email('.a.test')] }], names(email('me@x.a.test'))),
      'accepted',
    ],
    ['of the host, with a leading dot', under([{ permitted: [email('.a.test')] }], names(email('me@a.test'))), REFUSED],
    ['of a mailbox', under([{ permitted: [email('me@a.test')] }], names(email('me@A.TEST'))), 'accepted'],
    ['of another mailbox', under([{ permitted: [email('me@a.test')] }], names(email('you@a.test'))), REFUSED],
    [
      'of a mailbox in other case, which is another (§7.5)',
      under([{ permitted: [email('me@a.test')] }], names(email('ME@a.test'))),
      REFUSED,
    ],
    ['excluded, the host in other case', under([{ excluded: [email('a.test')] }], names(email('me@A.Test'))), REFUSED],
    ['excluded, another host', under([{ excluded: [email('a.test')] }], names(email('me@ba.test'))), 'accepted'],
    ['excluded below', under([{ excluded: [email('.a.test')] }], names(email('me@x.y.a.test'))), REFUSED],
    ['in the subject, without alternative names', under([host], inSubject('me@b.test')), REFUSED],
    ['in the subject, permitted', under([host], inSubject('me@a.test')), 'accepted'],
    [
      'in the subject beside alternative names (stricter than the RFC)',
      under([host], inSubject('me@b.test', san(email('me@a.test')))),
      REFUSED,
    ],
    [
      'in the subject as UTF8String',
      under([host], { subject: utf8Subject, extensions: { subjectAltName: undefined } }),
      REFUSED,
    ],
    ['that is none, where e-mail is constrained', under([host], names(email('a.test'))), REFUSED],
    ['that is none, where it is not', under([{ permitted: [dns('a.test')] }], names(email('a.test'))), 'accepted'],
    ['with NUL in it', under([host], names(email('me@a.test\u0000.b.test'))), REFUSED],
  ])('§4.2.1.10 e-mail %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.10 DNS names and URIs', () => {
  const dot: Subtrees = { permitted: [dns('.a.test')] };
  const noDot: Subtrees = { excluded: [dns('.a.test')] };
  const hosts: Subtrees = { permitted: [uri('a.test')] };
  test.each<Case>([
    ['any number of labels more', under([{ permitted: [dns('a.test')] }], names(dns('x.y.a.test'))), 'accepted'],
    ['the base itself', under([{ permitted: [dns('a.test')] }], names(dns('A.TEST'))), 'accepted'],
    ['a label that only ends like the base', under([{ permitted: [dns('a.test')] }], names(dns('ba.test'))), REFUSED],
    ['the empty base permits all', under([{ permitted: [dns('')] }], names(dns('b.test'))), 'accepted'],
    ['the empty base excludes all', under([{ excluded: [dns('')] }], names(dns('b.test'))), REFUSED],
    ['a leading dot permits nothing for strict', under([dot], names(dns('x.a.test'))), REFUSED, 'accepted'],
    ['a leading dot does not permit the base', under([dot], names(dns('a.test'))), REFUSED],
    [
      'a leading dot excludes everything for strict, only what is below for webpki-like',
      under([noDot], names(dns('a.test'))),
      REFUSED,
      'accepted',
    ],
    ['a leading dot excludes what is below', under([noDot], names(dns('x.a.test'))), REFUSED],
    ['a wildcard below a permitted base', under([{ permitted: [dns('a.test')] }], names(dns('*.a.test'))), 'accepted'],
    ['a wildcard below a leading dot', under([dot], names(dns('*.a.test'))), REFUSED, 'accepted'],
    ['a wildcard above a permitted base', under([{ permitted: [dns('x.a.test')] }], names(dns('*.a.test'))), REFUSED],
    [
      'a wildcard that holds an excluded name',
      under([{ excluded: [dns('x.a.test')] }], names(dns('*.a.test'))),
      REFUSED,
    ],
    [
      'a wildcard that holds no name below a leading dot',
      under([{ excluded: [dns('.x.a.test')] }], names(dns('*.a.test'))),
      REFUSED,
      'accepted',
    ],
    ['a base that is a wildcard', under([{ permitted: [dns('*.a.test')] }], names(dns('x.a.test'))), REFUSED],
    ['a base that ends with a dot', under([{ permitted: [dns('a.test.')] }], names(dns('a.test'))), REFUSED],
    [
      'an excluded base that is none excludes everything',
      under([{ excluded: [dns('a_b.test')] }], names(dns('c.test'))),
      REFUSED,
    ],
    [
      'a DNS constraint binds no URI',
      under([{ permitted: [dns('a.test')] }], names(uri('https://b.test/'))),
      'accepted',
    ],
    ['a URI of the host', under([hosts], names(uri('https://me@A.test:8443/x?y#z'))), 'accepted'],
    ['a URI of a host below', under([hosts], names(uri('https://x.a.test/'))), REFUSED],
    [
      'a URI of a host below, with a leading dot',
      under([{ permitted: [uri('.a.test')] }], names(uri('https://x.a.test/'))),
      'accepted',
    ],
    [
      'a URI of the host, with a leading dot',
      under([{ permitted: [uri('.a.test')] }], names(uri('https://a.test/'))),
      REFUSED,
    ],
    ['a URI without an authority is refused', under([hosts], names(uri('urn:a.test'))), REFUSED],
    [
      'a URI without an authority is refused, also where others are excluded',
      under([{ excluded: [uri('b.test')] }], names(uri('mailto:a@a.test'))),
      REFUSED,
    ],
    [
      'a URI of an address is refused',
      under([{ excluded: [uri('b.test')] }], names(uri('https://[2001:db8::1]/'))),
      REFUSED,
    ],
    [
      'a URI of an excluded host behind another’s name',
      under([{ excluded: [uri('b.test')] }], names(uri('https://a.test@b.test/'))),
      REFUSED,
    ],
    ['a URI whose host is escaped', under([{ excluded: [uri('b.test')] }], names(uri('https://%62.test/'))), REFUSED],
    [
      'a URI whose host ends with a dot',
      under([{ excluded: [uri('b.test')] }], names(uri('https://b.test./'))),
      REFUSED,
    ],
  ])('§4.2.1.10 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.10 IP addresses', () => {
  const v4: Subtrees = { permitted: [range('192.0.2.128/25')] };
  const holes = octets(10, 0, 0, 1, 255, 0, 255, 255);
  test.each<Case>([
    ['the first of a range', under([v4], names(address('192.0.2.128'))), 'accepted'],
    ['the last of a range', under([v4], names(address('192.0.2.255'))), 'accepted'],
    ['the one before a range', under([v4], names(address('192.0.2.127'))), REFUSED],
    ['a single address', under([{ permitted: [range('192.0.2.1/32')] }], names(address('192.0.2.1'))), 'accepted'],
    ['all addresses', under([{ permitted: [range('0.0.0.0/0')] }], names(address('203.0.113.9'))), 'accepted'],
    ['all addresses excluded', under([{ excluded: [range('0.0.0.0/0')] }], names(address('203.0.113.9'))), REFUSED],
    ['IPv4 permitted is no IPv6', under([{ permitted: [range('0.0.0.0/0')] }], names(address('2001:db8::1'))), REFUSED],
    [
      'IPv4 excluded is no IPv6',
      under([{ excluded: [range('0.0.0.0/0')] }], names(address('2001:db8::1'))),
      'accepted',
    ],
    [
      'an IPv4 address mapped into IPv6 is no IPv4',
      under([{ permitted: [range('192.0.2.0/24')] }], names(address('::ffff:192.0.2.1'))),
      REFUSED,
    ],
    [
      'IPv6 within a prefix',
      under([{ permitted: [range('2001:db8:8000::/33')] }], names(address('2001:db8:ffff::1'))),
      'accepted',
    ],
    [
      'IPv6 beside a prefix',
      under([{ permitted: [range('2001:db8:8000::/33')] }], names(address('2001:db8:7fff::1'))),
      REFUSED,
    ],
    [
      'both families permitted',
      under([{ permitted: [range('10.0.0.0/8'), range('::/0')] }], names(address('10.1.1.1'), address('::1'))),
      'accepted',
    ],
    [
      'bits beyond the mask in the base do not count',
      under([{ permitted: [octets(10, 1, 2, 3, 255, 0, 0, 0)] }], names(address('10.9.9.9'))),
      'accepted',
    ],
    [
      'a mask with holes permits nothing (RFC 4632)',
      under([{ permitted: [holes] }], names(address('10.7.0.1'))),
      REFUSED,
    ],
    [
      'a mask with holes excludes everything (RFC 4632)',
      under([{ excluded: [holes] }], names(address('203.0.113.9'))),
      REFUSED,
    ],
    [
      'a mask with holes does not matter without addresses',
      under([{ permitted: [holes] }], names(dns('a.test'))),
      'accepted',
    ],
    ['an address as text in a dNSName is no address', under([v4], names(dns('a.test'), dns('192.0.2.x'))), 'accepted'],
    ['a constraint of four octets', under([{ permitted: [octets(10, 0, 0, 0)] }], names(dns('a.test'))), 'certificate'],
    ['a constraint of sixteen octets', under([{ permitted: [address('::1')] }], names(dns('a.test'))), 'certificate'],
    ['a name of eight octets', under([v4], names(octets(10, 0, 0, 0, 255, 0, 0, 0))), 'certificate'],
  ])('§4.2.1.10 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});
