// Mutations of what extensions say, names and name constraints apart: roles, key usage, purposes, key identifiers, policies,
// and extensions of others.

import { derTypes as der } from '../../der-types.ts';
import { ascii, CLIENT_AUTH, generalName, SERVER_AUTH } from '../examination.ts';
import { draftOf, withDraft } from './chain.ts';
import { type DraftExtension, withExtension } from './draft.ts';
import { basicConstraints, critical, keyUsage, notCritical, purposes } from './extensions.ts';
import { CAS, type Change, EVERYWHERE, extension, LEAF, type Mutation, mutations } from './mutation.ts';

const ANY_PURPOSE = '2.5.29.37.0';
const TRUE = der.boolean(true);
const FALSE = der.boolean(false);
const usage = (bytes: number[], unused: number) =>
  extension(critical('key-usage', der.bitString(Uint8Array.from(bytes), unused)));
const other = (oid: string, value: Uint8Array, criticality: DraftExtension['critical'] = 'not-critical') =>
  extension({ oid, critical: criticality, value });
const authority = (...parts: Uint8Array[]) =>
  extension(notCritical('authority-key-identifier', der.sequence(...parts)));
const implicit = (number: number, ...octets: number[]) => der.context(number, Uint8Array.from(octets), 'primitive');
const policies = (...values: Uint8Array[]) => extension(notCritical('policies', der.sequence(...values)));
const policy = (oid: string) => der.sequence(der.oid(oid));
const policyConstraints = (...parts: Uint8Array[]) => extension(critical('policy-constraints', der.sequence(...parts)));

/** An authority key identifier with issuer and serial number of the issuing certificate, or others. */
function issuerAndSerial(kind: 'right' | 'right-padded' | 'other-serial' | 'other-issuer'): Change {
  return (chain, id) => {
    const draft = draftOf(chain, id);
    const issuer = draftOf(chain, draft.issuedBy);
    const named = kind === 'other-issuer' ? draft.subject : (issuer.issuer ?? draftOf(chain, issuer.issuedBy).subject);
    const serial = kind === 'other-serial' ? der.integer(99) : issuer.serial;
    const octets = Uint8Array.of(...(kind === 'right-padded' ? [0] : []), ...serial.subarray(2));
    const value = der.sequence(der.context(1, der.context(4, named)), der.context(2, octets, 'primitive'));
    return withDraft(chain, id, withExtension(draft, notCritical('authority-key-identifier', value)));
  };
}

/** All of them. */
export const VALUE_MUTATIONS: readonly Mutation[] = [
  ...mutations('role', EVERYWHERE, {
    'ca-false': extension(basicConstraints()),
    'ca-false-spelled-out': extension(basicConstraints(FALSE)),
    'ca-true': extension(basicConstraints(TRUE)),
    'ca-true-not-critical': extension(notCritical('basic-constraints', der.sequence(TRUE))),
    'ca-as-1': extension(basicConstraints(der.element(1, Uint8Array.of(1)))),
    'ca-false-with-path-length': extension(basicConstraints(der.integer(0))),
    'path-length-0': extension(basicConstraints(TRUE, der.integer(0))),
    'path-length-1': extension(basicConstraints(TRUE, der.integer(1))),
    'path-length-9': extension(basicConstraints(TRUE, der.integer(9))),
    'path-length-negative': extension(basicConstraints(TRUE, der.integer(-1))),
    'path-length-padded': extension(basicConstraints(TRUE, der.element(2, Uint8Array.of(0, 5)))),
    'path-length-huge': extension(basicConstraints(TRUE, der.integer(2n ** 70n))),
    'path-length-2^31': extension(basicConstraints(TRUE, der.integer(2n ** 31n))),
    'path-length-first': extension(basicConstraints(der.integer(5), TRUE)),
  }),
  ...mutations('usage', EVERYWHERE, {
    'sign-certificates': extension(keyUsage('keyCertSign')),
    'sign-lists': extension(keyUsage('cRLSign')),
    'sign-all': extension(keyUsage('digitalSignature', 'keyCertSign', 'cRLSign')),
    'digital-signature': extension(keyUsage('digitalSignature')),
    encipherment: extension(keyUsage('keyEncipherment')),
    agreement: extension(keyUsage('keyAgreement')),
    'decipher-only': extension(keyUsage('keyAgreement', 'decipherOnly')),
    'not-repudiate': extension(keyUsage('nonRepudiation')),
    'sign-not-critical': extension({ ...keyUsage('digitalSignature', 'keyCertSign'), critical: 'not-critical' }),
    'no-bits': usage([], 0),
    'zero-bits': usage([0], 0),
    'zero-bits-at-the-end': usage([0x84], 0),
    'zero-octet-at-the-end': usage([0x84, 0], 7),
    'unused-bits-set': usage([0x87], 2),
    'three-octets': usage([0x84, 0, 0x80], 7),
  }),
  ...mutations('purpose', EVERYWHERE, {
    server: extension(purposes(SERVER_AUTH)),
    'server-critical': extension({ ...purposes(SERVER_AUTH), critical: 'critical' }),
    client: extension(purposes(CLIENT_AUTH)),
    'client-critical': extension({ ...purposes(CLIENT_AUTH), critical: 'critical' }),
    both: extension(purposes(CLIENT_AUTH, SERVER_AUTH)),
    any: extension(purposes(ANY_PURPOSE)),
    'server-and-any': extension(purposes(SERVER_AUTH, ANY_PURPOSE)),
    'client-and-any': extension(purposes(CLIENT_AUTH, ANY_PURPOSE)),
    'ocsp-signing': extension(purposes('1.3.6.1.5.5.7.3.9')),
    'time-stamping': extension(purposes('1.3.6.1.5.5.7.3.8')),
    'step-up-netscape': extension(purposes('2.16.840.1.113730.4.1')),
    'step-up-microsoft': extension(purposes('1.3.6.1.4.1.311.10.3.3')),
    unknown: extension(purposes('1.2.3.4')),
    'server-and-unknown': extension(purposes(SERVER_AUTH, '1.2.3.4')),
    'server-twice': extension(purposes(SERVER_AUTH, SERVER_AUTH)),
    none: extension(purposes()),
    'no-oid': extension(notCritical('extended-key-usage', der.sequence(der.integer(1)))),
  }),
  ...mutations('authority', EVERYWHERE, {
    'other-key': authority(implicit(0, 1, 2, 3)),
    'empty-key': authority(implicit(0)),
    'issuer-and-serial': issuerAndSerial('right'),
    'other-serial': issuerAndSerial('other-serial'),
    'other-issuer': issuerAndSerial('other-issuer'),
    'serial-only': authority(implicit(2, 1)),
    'issuer-only': authority(der.context(1, generalName.dns('a.example.com'))),
    'serial-padded': issuerAndSerial('right-padded'),
    nothing: authority(),
    'unknown-part': authority(implicit(0, 1, 2, 3), implicit(5, 1)),
  }),
  ...mutations('own-key-identifier', EVERYWHERE, {
    other: extension(notCritical('subject-key-identifier', der.octetString(Uint8Array.of(9, 9)))),
    empty: extension(notCritical('subject-key-identifier', der.octetString(new Uint8Array()))),
    long: extension(notCritical('subject-key-identifier', der.octetString(new Uint8Array(300).fill(7)))),
  }),
  ...mutations('policy', EVERYWHERE, {
    any: policies(policy(`2.5.29.32.0`)),
    several: policies(policy('1.2.3.4.5'), policy('1.2.3.4.6')),
    'the-same-twice': policies(policy('1.2.3.4.5'), policy('1.2.3.4.5')),
    'with-qualifier': policies(
      der.sequence(
        der.oid('1.2.3.4.5'),
        der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.2.1'), der.ia5String('https://pki.example.net/cps'))),
      ),
    ),
    'explicit-0': policyConstraints(implicit(0, 0)),
    'explicit-1': policyConstraints(implicit(0, 1)),
    'explicit-2': policyConstraints(implicit(0, 2)),
    'explicit-9': policyConstraints(implicit(0, 9)),
    'explicit-negative': policyConstraints(implicit(0, 0xff)),
    'no-mapping': policyConstraints(implicit(1, 0)),
    'no-constraints': policyConstraints(),
    'map-to-any': extension(
      critical('policy-mappings', der.sequence(der.sequence(der.oid('2.5.29.32.0'), der.oid('1.2.3')))),
    ),
    'inhibit-any-negative': extension(critical('inhibit-any-policy', der.integer(-1))),
  }),
  ...mutations('foreign', EVERYWHERE, {
    'netscape-server': other('2.16.840.1.113730.1.1', der.bitString(Uint8Array.of(0x40), 6)),
    'netscape-client': other('2.16.840.1.113730.1.1', der.bitString(Uint8Array.of(0x80), 7)),
    'netscape-client-critical': other('2.16.840.1.113730.1.1', der.bitString(Uint8Array.of(0x80), 7), 'critical'),
    'netscape-comment': other('2.16.840.1.113730.1.13', der.ia5String('comment')),
    'must-staple': other('1.3.6.1.5.5.7.1.24', der.sequence(der.integer(5))),
    'must-staple-critical': other('1.3.6.1.5.5.7.1.24', der.sequence(der.integer(5)), 'critical'),
    'proxy-critical': other(
      '1.3.6.1.5.5.7.1.14',
      der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.21.1'))),
      'critical',
    ),
    'proxy-not-critical': other('1.3.6.1.5.5.7.1.14', der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.21.1')))),
    'ocsp-no-check': other('1.3.6.1.5.5.7.48.1.5', der.null_()),
    'ocsp-no-check-critical': other('1.3.6.1.5.5.7.48.1.5', der.null_(), 'critical'),
    'transparency-poison': other('1.3.6.1.4.1.11129.2.4.3', der.null_(), 'critical'),
    'address-blocks': other(
      '1.3.6.1.5.5.7.1.7',
      der.sequence(der.sequence(der.octetString(Uint8Array.of(0, 1)), der.null_())),
      'critical',
    ),
    'private-key-period': other('2.5.29.16', der.sequence(implicit(1, ...ascii('20200101000000Z')))),
    'directory-attributes': other(
      '2.5.29.9',
      der.sequence(der.sequence(der.oid('2.5.4.6'), der.set(der.printableString('CH')))),
    ),
    'list-number': other('2.5.29.20', der.integer(1), 'critical'),
  }),
  ...mutations('usage', CAS, { 'without-any-signing': extension(keyUsage('digitalSignature', 'keyEncipherment')) }),
  ...mutations('role', LEAF, {
    'ca-true-and-signs': (chain, id, random) =>
      extension(keyUsage('digitalSignature', 'keyCertSign'))(
        extension(basicConstraints(TRUE))(chain, id, random),
        id,
        random,
      ),
  }),
];
