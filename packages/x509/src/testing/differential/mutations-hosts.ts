// Mutations of the names that a leaf has, and of the name that is asked for (RFC 9525).

import { derTypes as der } from '../../der-types.ts';
import { encodeName } from '../../issue.ts';
import { ascii, generalName } from '../examination.ts';
import { HOST } from './chain.ts';
import { altNames, critical } from './extensions.ts';
import { all, type Change, extension, fields, LEAF, type Mutation, mutations, without } from './mutation.ts';

const { dns, address, email, uri, octets } = generalName;
const asked =
  (host: string): Change =>
  (chain) => ({ ...chain, host });
/** The leaf has these names. */
const names = (...list: Uint8Array[]) => all(extension(altNames(...list)), asked(HOST));
/** The leaf has this one name, and this host is asked for. */
const named = (name: Uint8Array, host: string) => all(names(name), asked(host));
const commonName = (value: string) => fields({ subject: encodeName([{ type: 'CN', value }]) });
const noNames = without('subject-alt-name');
const rawDns = (bytes: Uint8Array) => der.context(2, bytes, 'primitive');
const otherName = der.element(0xa0, der.oid('1.2.3.4'), der.context(0, der.utf8String('x')));
const smtpName = der.element(0xa0, der.oid('1.3.6.1.5.5.7.8.9'), der.context(0, der.utf8String('ä@example.com')));
const directory = der.context(4, encodeName([{ type: 'CN', value: 'x' }]));

/** All of them. */
export const HOST_MUTATIONS: readonly Mutation[] = [
  ...mutations('host', LEAF, {
    other: asked('elsewhere.example.com'),
    below: named(dns(HOST), `a.${HOST}`),
    above: named(dns(HOST), 'example.com'),
    'in-capitals': named(dns(HOST), HOST.toUpperCase()),
    'with-a-dot-at-the-end': named(dns(HOST), `${HOST}.`),
    'that-is-an-address': asked('10.0.0.9'),
  }),
  ...mutations('names', LEAF, {
    'in-capitals': named(dns(HOST.toUpperCase()), HOST),
    'with-a-dot-at-the-end': named(dns(`${HOST}.`), HOST),
    'with-a-dot-in-front': named(dns(`.${HOST}`), HOST),
    'dot-in-front-and-asked-below': named(dns(`.example.com`), HOST),
    wildcard: named(dns('*.example.com'), HOST),
    'wildcard-of-the-parent': named(dns('*.example.com'), 'example.com'),
    'wildcard-two-below': named(dns('*.example.com'), 'a.b.example.com'),
    'wildcard-of-top-level': named(dns('*.com'), 'example.com'),
    'wildcard-alone': named(dns('*'), 'localhost'),
    'wildcard-within-label': named(dns('d*.example.com'), HOST),
    'wildcard-at-end-of-label': named(dns('*ice.example.com'), HOST),
    'wildcard-not-leftmost': named(dns('device.*.com'), HOST),
    'wildcard-twice': named(dns('*.*.com'), HOST),
    'wildcard-for-a-label': named(dns('*.example.com'), 'xn--zrich-kva.example.com'),
    'wildcard-in-a-label': named(dns('xn--*.example.com'), 'xn--zrich-kva.example.com'),
    'wildcard-asked-for': named(dns('*.example.com'), '*.example.com'),
    underscore: named(dns('a_b.example.com'), 'a_b.example.com'),
    'underscore-beside': names(dns(HOST), dns('a_b.example.com')),
    'one-label': named(dns('localhost'), 'localhost'),
    'hyphen-in-front': named(dns('-a.example.com'), '-a.example.com'),
    'empty-label': named(dns('a..example.com'), 'a..example.com'),
    'a-number-as-last-label': named(dns('a.example.1'), 'a.example.1'),
    'of-255-characters': names(dns(HOST), dns(`${'a.'.repeat(122)}example.com`)),
    'label-of-64-characters': names(dns(HOST), dns(`${'a'.repeat(64)}.example.com`)),
    'with-nul': named(rawDns(ascii(`${HOST}\0.evil.example`)), HOST),
    'non-ascii': names(dns(HOST), rawDns(Uint8Array.of(0xfc, 0x2e, 0x63, 0x68))),
    'empty-dns': names(dns(HOST), dns('')),
    'with-a-space': names(dns(HOST), rawDns(ascii('a b.example.com'))),
    'first-other-then-right': names(dns('x.example.org'), dns(HOST)),
    'address-as-dns': named(dns('10.0.0.9'), '10.0.0.9'),
    'address-right': named(address('10.0.0.9'), '10.0.0.9'),
    'address-other': named(address('10.0.0.8'), '10.0.0.9'),
    'address-v6': named(address('2001:db8::9'), '2001:db8::9'),
    'address-mapped': named(address('::ffff:10.0.0.9'), '10.0.0.9'),
    'address-of-5-octets': names(dns(HOST), octets(1, 2, 3, 4, 5)),
    'address-of-8-octets': names(dns(HOST), octets(10, 0, 0, 0, 255, 0, 0, 0)),
    'dns-as-uri': named(uri(`https://${HOST}/`), HOST),
    'dns-as-email': named(email(`a@${HOST}`), HOST),
    'with-email': names(dns(HOST), email('a@example.com')),
    'with-malformed-email': names(dns(HOST), email('nobody')),
    'with-uri': names(dns(HOST), uri('https://example.com/')),
    'with-malformed-uri': names(dns(HOST), uri('no uri')),
    'with-directory': names(dns(HOST), directory),
    'with-other-name': names(dns(HOST), otherName),
    'with-smtp-name': names(dns(HOST), smtpName),
    'with-malformed-other-name': names(dns(HOST), der.element(0xa0, der.null_())),
    'with-registered-id': names(dns(HOST), der.context(8, Uint8Array.of(0x2a, 3), 'primitive')),
    'with-malformed-id': names(dns(HOST), der.context(8, Uint8Array.of(0x80, 3), 'primitive')),
    'with-unknown-form': names(dns(HOST), der.context(9, ascii('x'), 'primitive')),
    'with-party-name': names(dns(HOST), der.context(5, der.context(1, der.utf8String('party')))),
    'dns-constructed': names(dns(HOST), der.context(2, der.ia5String('a.example.com'))),
    none: names(),
    'only-of-common-name': all(noNames, commonName(HOST), asked(HOST)),
    'only-of-other-common-name': all(noNames, commonName('other.example.com'), asked(HOST)),
    'common-name-beside-email': all(names(email('a@example.com')), commonName(HOST), asked(HOST)),
    'common-name-beside-other': all(names(dns('x.example.com')), commonName(HOST), asked(HOST)),
    'critical-with-subject': extension(critical('subject-alt-name', der.sequence(dns(HOST)))),
    'not-critical-without-subject': all(names(dns(HOST)), fields({ subject: der.sequence() })),
    'critical-without-subject': all(
      extension(critical('subject-alt-name', der.sequence(dns(HOST)))),
      asked(HOST),
      fields({ subject: der.sequence() }),
    ),
    'neither-subject-nor-names': all(noNames, fields({ subject: der.sequence() })),
  }),
];
