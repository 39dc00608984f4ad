// Mutations that put name constraints on a CA, and names that they are about on the leaf (RFC 5280 §4.2.1.10).

import { derTypes as der } from '../../der-types.ts';
import { encodeName, type NameField } from '../../issue.ts';
import { ascii, generalName } from '../examination.ts';
import { type Chain, HOST } from './chain.ts';
import type { Id } from './draft.ts';
import { altNames, nameConstraints, notCritical } from './extensions.ts';
import { all, CAS, type Change, extension, fields, LEAF, type Mutation, mutations, without } from './mutation.ts';

const { dns, range, email, uri, octets, address } = generalName;
const permitted = (...bases: Uint8Array[]) => extension(nameConstraints({ permitted: bases }));
const excluded = (...bases: Uint8Array[]) => extension(nameConstraints({ excluded: bases }));
const directory = (...parts: readonly NameField[]) => der.context(4, encodeName(parts));
const otherName = (value: string) => der.element(0xa0, der.oid('1.2.3.4'), der.context(0, der.utf8String(value)));
const registered = (...bytes: number[]) => der.context(8, Uint8Array.from(bytes), 'primitive');
const subtree = (base: Uint8Array, ...distances: Uint8Array[]) => der.sequence(base, ...distances);
const distance = (number: number, value: number) => der.context(number, Uint8Array.of(value), 'primitive');
const O = { type: 'O', value: 'Differential' };
const CN = (value: string) => ({ type: 'CN', value });

/** The constraint on this CA, and the change on the leaf. */
function and(constraint: Change, onLeaf: Change): Change {
  return (chain: Chain, id: Id, random) => onLeaf(constraint(chain, id, random), chain.leaf, random);
}

const asked =
  (host: string): Change =>
  (chain) => ({ ...chain, host });
const onlyNames = (...names: Uint8Array[]) => all(extension(altNames(...names)), asked(HOST));
const leafNames = (...names: Uint8Array[]) => onlyNames(dns(HOST), ...names);
const leafSubject = (...parts: readonly NameField[]) => fields({ subject: encodeName(parts) });
const onlyCommonName = (value: string) => all(without('subject-alt-name'), leafSubject(CN(value)), asked(value));

const DNS: Readonly<Record<string, Change>> = {
  'dns-permitted': permitted(dns('example.com')),
  'dns-permitted-other': permitted(dns('example.org')),
  'dns-permitted-one-of-two': permitted(dns('example.org'), dns('example.com')),
  'dns-permitted-itself': and(permitted(dns(HOST)), onlyNames(dns(HOST))),
  'dns-permitted-in-capitals': permitted(dns('EXAMPLE.COM')),
  'dns-permitted-dot-in-front': permitted(dns('.example.com')),
  'dns-permitted-dot-in-front-itself': and(permitted(dns(`.${HOST}`)), onlyNames(dns(HOST))),
  'dns-permitted-dot-at-end': permitted(dns('example.com.')),
  'dns-permitted-part-of-label': permitted(dns('ample.com')),
  'dns-permitted-empty': permitted(dns('')),
  'dns-permitted-wildcard': permitted(dns('*.example.com')),
  'dns-permitted-no-name': permitted(dns('a b')),
  'dns-excluded': excluded(dns('example.com')),
  'dns-excluded-other': excluded(dns('example.org')),
  'dns-excluded-itself': excluded(dns(HOST)),
  'dns-excluded-below': excluded(dns(`a.${HOST}`)),
  'dns-excluded-dot-in-front': excluded(dns('.example.com')),
  'dns-excluded-empty': excluded(dns('')),
  'dns-excluded-in-capitals': excluded(dns('Example.COM')),
  'dns-excluded-no-name': excluded(dns('a b')),
  'dns-permitted-and-excluded': extension(nameConstraints({ permitted: [dns('example.com')], excluded: [dns(HOST)] })),
  'dns-excluded-beside': and(excluded(dns('example.org')), leafNames(dns('a.example.org'))),
  'dns-permitted-and-wildcard': and(permitted(dns('example.com')), onlyNames(dns('*.example.com'))),
  'dns-permitted-itself-and-wildcard': and(permitted(dns(HOST)), onlyNames(dns('*.example.com'))),
  'dns-excluded-itself-and-wildcard': and(excluded(dns(HOST)), onlyNames(dns('*.example.com'))),
  'dns-excluded-two-below-and-wildcard': and(excluded(dns(`a.${HOST}`)), onlyNames(dns('*.example.com'))),
  'dns-permitted-and-malformed-name': and(permitted(dns('example.com')), leafNames(dns('a_b.example.com'))),
  'dns-excluded-and-malformed-name': and(excluded(dns('example.org')), leafNames(dns('a_b.example.com'))),
  'dns-permitted-and-name-with-dot': and(permitted(dns('example.com')), leafNames(dns('a.example.com.'))),
  'dns-permitted-and-common-name': and(permitted(dns('example.com')), leafSubject(O, CN('host.example.org'))),
  'dns-permitted-and-only-common-name': and(permitted(dns('example.org')), onlyCommonName(HOST)),
  'dns-excluded-and-only-common-name': and(excluded(dns('example.com')), onlyCommonName(HOST)),
};

const ADDRESSES: Readonly<Record<string, Change>> = {
  'address-permitted': and(permitted(range('10.0.0.0/8')), leafNames(address('10.1.2.3'))),
  'address-permitted-other': and(permitted(range('10.0.0.0/8')), leafNames(address('11.1.2.3'))),
  'address-permitted-v6': and(permitted(range('2001:db8::/32')), leafNames(address('2001:db8::1'))),
  'address-permitted-other-family': and(permitted(range('2001:db8::/32')), leafNames(address('10.1.2.3'))),
  'address-permitted-no-address': permitted(range('10.0.0.0/8')),
  'address-excluded': and(excluded(range('10.0.0.0/8')), leafNames(address('10.1.2.3'))),
  'address-excluded-all': and(excluded(range('0.0.0.0/0')), leafNames(address('10.1.2.3'))),
  'address-excluded-other-family': and(excluded(range('::/0')), leafNames(address('10.1.2.3'))),
  'address-permitted-host-bits': and(permitted(octets(10, 1, 2, 3, 255, 0, 0, 0)), leafNames(address('10.9.9.9'))),
  'address-permitted-odd-mask': and(permitted(octets(10, 0, 0, 0, 255, 0, 255, 0)), leafNames(address('10.1.0.3'))),
  'address-excluded-odd-mask': and(excluded(octets(10, 0, 0, 0, 255, 0, 255, 0)), leafNames(address('11.1.0.3'))),
  'address-permitted-of-5-octets': permitted(octets(10, 0, 0, 0, 255)),
  'address-permitted-of-4-octets': permitted(octets(10, 0, 0, 0)),
};

const MAILBOXES: Readonly<Record<string, Change>> = {
  'email-permitted-host': and(permitted(email('example.com')), leafNames(email('a@example.com'))),
  'email-permitted-host-below': and(permitted(email('example.com')), leafNames(email('a@b.example.com'))),
  'email-permitted-dot': and(permitted(email('.example.com')), leafNames(email('a@b.example.com'))),
  'email-permitted-dot-itself': and(permitted(email('.example.com')), leafNames(email('a@example.com'))),
  'email-permitted-mailbox': and(permitted(email('a@example.com')), leafNames(email('a@example.com'))),
  'email-permitted-mailbox-in-capitals': and(permitted(email('A@example.com')), leafNames(email('a@example.com'))),
  'email-permitted-host-in-capitals': and(permitted(email('EXAMPLE.com')), leafNames(email('a@example.com'))),
  'email-permitted-other': and(permitted(email('example.org')), leafNames(email('a@example.com'))),
  'email-permitted-quoted-at': and(permitted(email('example.com')), leafNames(email('"a@b"@example.com'))),
  'email-permitted-in-subject': and(
    permitted(email('example.com')),
    leafSubject(O, { type: 'emailAddress', value: 'a@example.com' }),
  ),
  'email-permitted-other-in-subject': and(
    permitted(email('example.org')),
    leafSubject(O, { type: 'emailAddress', value: 'a@example.com' }),
  ),
  'email-excluded-in-subject': and(
    excluded(email('example.com')),
    leafSubject(O, { type: 'emailAddress', value: 'a@example.com' }),
  ),
  'email-excluded': and(excluded(email('example.com')), leafNames(email('a@example.com'))),
  'email-excluded-other': and(excluded(email('example.org')), leafNames(email('a@example.com'))),
  'email-excluded-malformed-name': and(excluded(email('example.org')), leafNames(email('nobody'))),
  'email-excluded-smtp-name': and(
    excluded(email('example.com')),
    leafNames(der.element(0xa0, der.oid('1.3.6.1.5.5.7.8.9'), der.context(0, der.utf8String('ä@example.com')))),
  ),
  'uri-permitted': and(permitted(uri('example.com')), leafNames(uri('https://example.com/a'))),
  'uri-permitted-below': and(permitted(uri('example.com')), leafNames(uri('https://b.example.com/a'))),
  'uri-permitted-dot': and(permitted(uri('.example.com')), leafNames(uri('https://b.example.com:8443/a'))),
  'uri-permitted-other': and(permitted(uri('example.org')), leafNames(uri('https://example.com/a'))),
  'uri-permitted-with-user': and(permitted(uri('example.com')), leafNames(uri('https://u@example.com/a'))),
  'uri-permitted-without-authority': and(permitted(uri('example.com')), leafNames(uri('urn:example.com'))),
  'uri-permitted-address': and(permitted(uri('example.com')), leafNames(uri('https://10.0.0.1/'))),
  'uri-excluded': and(excluded(uri('example.com')), leafNames(uri('https://example.com/a'))),
  'uri-excluded-other': and(excluded(uri('example.org')), leafNames(uri('https://example.com/a'))),
  'uri-excluded-without-authority': and(excluded(uri('example.org')), leafNames(uri('urn:example.com'))),
  'uri-excluded-address-v6': and(excluded(uri('example.org')), leafNames(uri('https://[::1]/'))),
};

const DIRECTORIES: Readonly<Record<string, Change>> = {
  'directory-permitted': permitted(directory(O)),
  'directory-permitted-other': permitted(directory({ type: 'O', value: 'Other' })),
  'directory-permitted-in-capitals': permitted(directory({ type: 'O', value: 'DIFFERENTIAL' })),
  'directory-permitted-empty': permitted(directory()),
  'directory-permitted-longer': permitted(directory(O, CN('leaf'), CN('more'))),
  'directory-permitted-not-first': permitted(directory(CN('leaf'))),
  'directory-permitted-no-subject': and(
    permitted(directory({ type: 'O', value: 'Other' })),
    all(extension({ ...altNames(dns(HOST)), critical: 'critical' }), asked(HOST), fields({ subject: der.sequence() })),
  ),
  'directory-permitted-as-alt-name': and(permitted(directory(O)), leafNames(directory({ type: 'O', value: 'Other' }))),
  'directory-excluded': excluded(directory(O)),
  'directory-excluded-other': excluded(directory({ type: 'O', value: 'Other' })),
  'directory-excluded-empty': excluded(directory()),
  'directory-excluded-in-capitals': excluded(directory({ type: 'O', value: 'differential' })),
  'directory-excluded-printable': excluded(
    der.context(4, der.sequence(der.set(der.sequence(der.oid('2.5.4.10'), der.printableString('Differential'))))),
  ),
};

const FORMS: Readonly<Record<string, Change>> = {
  'other-name-permitted': and(permitted(otherName('x')), leafNames(otherName('x'))),
  'other-name-permitted-absent': permitted(otherName('x')),
  'other-name-excluded': and(excluded(otherName('x')), leafNames(otherName('y'))),
  'other-name-excluded-absent': excluded(otherName('x')),
  'registered-id-excluded': and(excluded(registered(0x2a, 3)), leafNames(registered(0x2a, 3))),
  'registered-id-excluded-absent': excluded(registered(0x2a, 3)),
  'unknown-form': excluded(der.context(9, ascii('x'), 'primitive')),
  'minimum-0': permitted(subtree(dns('example.com'), distance(0, 0))),
  'minimum-1': permitted(subtree(dns('example.com'), distance(0, 1))),
  'maximum-5': permitted(subtree(dns('example.com'), distance(1, 5))),
  'minimum-1-of-other': excluded(subtree(dns('example.org'), distance(0, 1))),
  'no-lists': extension(nameConstraints({})),
  'permitted-nothing': extension(nameConstraints({ permitted: [] })),
  'excluded-nothing': extension(nameConstraints({ excluded: [] })),
  'not-critical': extension(
    notCritical('name-constraints', nameConstraints({ permitted: [dns('example.com')] }).value),
  ),
  'not-critical-other': extension(
    notCritical('name-constraints', nameConstraints({ permitted: [dns('example.org')] }).value),
  ),
  'no-base': extension(notCritical('name-constraints', der.sequence(der.element(0xa0, der.sequence())))),
  'dns-non-ascii': permitted(der.context(2, Uint8Array.of(0xfc, 0x2e, 0x63), 'primitive')),
};

/** All of them. */
export const CONSTRAINT_MUTATIONS: readonly Mutation[] = [
  ...mutations('constraint', CAS, { ...DNS, ...ADDRESSES, ...MAILBOXES, ...DIRECTORIES, ...FORMS }),
  ...mutations('constraint', LEAF, { 'on-the-leaf': permitted(dns('example.com')) }),
];
