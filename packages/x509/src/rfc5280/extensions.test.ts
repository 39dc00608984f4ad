// RFC 5280 §4.2 and §6.1.4 (o), §6.1.5 (f): critical extensions; key identifiers, purposes, alternative names and the rest.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields } from '../extension-encoding.ts';
import {
  altered,
  bareAnchor,
  type Case,
  type Chain,
  CLIENT_AUTH,
  critical,
  extension,
  extensionsField,
  extensionsWithout,
  keyPairOf,
  makeChain,
  SERVER_AUTH,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf } from '../testing/test-certificates.ts';

const ANY_PURPOSE = '2.5.29.37.0';
const PRIVATE_PURPOSE = '2.25.329800735698586629295641978511506172918.1';
const AUTHORITY_KEY = '2.5.29.35';
const SUBJECT_KEY = '2.5.29.14';

const places = {
  leaf: (extensions: ExtensionFields): Chain => makeChain({ leaf: { extensions } }),
  intermediate: (extensions: ExtensionFields): Chain => makeChain({ cas: [{ extensions }, {}] }),
  root: (extensions: ExtensionFields): Chain => makeChain({ root: { extensions } }),
};
const allPlaces = Object.entries(places);

describe.each(allPlaces)('§4.2 extensions of the %s', (_, at) => {
  const location = der.context(6, new TextEncoder().encode('https://example.com/'), 'primitive');
  const access = der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.48.2'), location));
  test.each<[string, string, Uint8Array]>([
    ['of an unknown type', '2.999.5', der.null_()],
    ['of an unknown type below id-ce', '2.5.29.99', der.null_()],
    ['of an unknown type whose value is no DER', '2.999.5', Uint8Array.of(1, 2, 3)],
    ['of an unknown type whose value is empty', '2.999.5', new Uint8Array()],
  ])('%s: refused when critical, let pass when not', (__, oid, value) => {
    const code = 'unknown-critical-extension';
    expect(verdicts(() => at({ others: [critical(oid, value)] }))).toEqual([code, code]);
    const other = { oid, critical: 'not-critical', value } as const;
    expect(verdicts(() => at({ others: [other] }))).toEqual(['accepted', 'accepted']);
  });
  test.each<[string, string, Uint8Array]>([
    ['§4.2.1.7 issuer alternative names, which are not processed', '2.5.29.18', der.sequence(location)],
    ['§4.2.1.8 directory attributes, which must not be critical', '2.5.29.9', der.sequence()],
    ['§4.2.1.15 freshest CRL, which must not be critical', '2.5.29.46', der.sequence()],
    ['§4.2.2.1 authority information access, which must not be critical', '1.3.6.1.5.5.7.1.1', access],
    ['§4.2.2.2 subject information access, which must not be critical', '1.3.6.1.5.5.7.1.11', access],
    ['RFC 6962 §3.1 the poison of a precertificate', '1.3.6.1.4.1.11129.2.4.3', der.null_()],
    ['the period of a private key (RFC 3280 §4.2.1.4)', '2.5.29.16', der.sequence()],
  ])('%s: refused when critical', (__, oid, value) => {
    const code = 'unknown-critical-extension';
    expect(verdicts(() => at({ others: [critical(oid, value)] }))).toEqual([code, code]);
  });

  const full = der.context(0, location);
  const relative = der.context(1, der.sequence(der.oid('2.5.4.3'), der.ia5String('a')));
  const place = der.context(0, full);
  const reasons = der.context(1, Uint8Array.of(6, 0x40), 'primitive');
  const issuer = der.context(2, location);
  const points = (...list: Uint8Array[]) => der.sequence(...list);
  test.each<[string, Uint8Array, string]>([
    ['by name', points(der.sequence(place)), 'accepted'],
    ['relative to the issuer, for some reasons', points(der.sequence(der.context(0, relative), reasons)), 'accepted'],
    ['of another issuer', points(der.sequence(place), der.sequence(issuer)), 'accepted'],
    ['none', points(), 'certificate'],
    ['no list', der.null_(), 'der'],
    ['that say nothing', points(der.sequence()), 'certificate'],
    ['with nothing but reasons', points(der.sequence(reasons)), 'certificate'],
    [
      'with reasons that are no bits',
      points(der.sequence(place, der.context(1, new Uint8Array(), 'primitive'))),
      'der',
    ],
    ['with two names at once', points(der.sequence(der.element(0xa0, full, relative))), 'certificate'],
    ['with no name where one is announced', points(der.sequence(der.element(0xa0))), 'certificate'],
    ['with an empty list of names', points(der.sequence(der.context(0, der.element(0xa0)))), 'certificate'],
    ['with an empty relative name', points(der.sequence(der.context(0, der.element(0xa1)))), 'certificate'],
    ['with names that are none', points(der.sequence(der.context(0, der.context(0, der.null_())))), 'certificate'],
    ['of an issuer without a name', points(der.sequence(place, der.element(0xa2))), 'certificate'],
    ['in the wrong order', points(der.sequence(issuer, place)), 'der'],
  ])('§4.2.1.13 distribution points %s', (__, value, verdict) => {
    for (const criticality of ['critical', 'not-critical'] as const) {
      const others = [{ oid: '2.5.29.31', critical: criticality, value }];
      expect(verdicts(() => at({ others }))).toEqual([verdict, verdict]);
    }
  });
});

describe('§4.2.1.1, §4.2.1.2 key identifiers', () => {
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const leaf = makeLeaf(ca);
  const keyId = (...octets: number[]) => der.context(0, Uint8Array.from(octets), 'primitive');
  const issuerName = der.context(1, der.context(4, root.certificate.subject.der));
  const serial = der.context(2, Uint8Array.of(1, 2, 3, 4), 'primitive');
  const naming =
    (...parts: Uint8Array[]) =>
    (): Chain => {
      const others = extensionsWithout(leaf, AUTHORITY_KEY);
      const extensions = extensionsField(...others, extension(AUTHORITY_KEY, der.sequence(...parts)));
      return { end: altered(leaf, ca, { extensions }), anchors: [root], intermediates: [ca] };
    };
  const own = [...(ca.certificate.extensions.subjectKeyIdentifier ?? [])];
  test.each<Case>([
    ['all three parts', naming(keyId(...own), issuerName, serial), 'accepted'],
    ['only issuer and serial number', naming(issuerName, serial), 'certificate', 'accepted'],
    [
      'another serial number: not judged',
      naming(keyId(...own), issuerName, der.context(2, Uint8Array.of(9), 'primitive')),
      'accepted',
    ],
    ['the identifier of nobody: a hint, never a reason', naming(keyId(1, 2, 3)), 'accepted'],
    ['nothing', naming(), 'certificate', 'accepted'],
    ['parts in the wrong order', naming(issuerName, keyId(...own), serial), 'der'],
    [
      'a serial number that is padded',
      naming(keyId(...own), issuerName, der.context(2, Uint8Array.of(0, 1), 'primitive')),
      'der',
    ],
    [
      'an issuer that is no list of names',
      naming(keyId(...own), der.element(0xa1, Uint8Array.of(0x30, 0x80)), serial),
      'der',
    ],
  ])('§4.2.1.1 a leaf that names as its issuer’s key %s', (_, build, strict, lenient = strict) =>
    expect(verdicts(build)).toEqual([strict, lenient]),
  );

  const criticalId = (oid: string, value: Uint8Array) => (): Chain => {
    const extensions = extensionsField(...extensionsWithout(ca, oid), extension(oid, value, 'critical'));
    return { end: leaf, anchors: [root], intermediates: [altered(ca, root, { extensions })] };
  };
  test.each<Case>([
    [
      '§4.2.1.1 a critical identifier of the issuer’s key',
      criticalId(AUTHORITY_KEY, der.sequence(keyId(1))),
      'unknown-critical-extension',
    ],
    [
      '§4.2.1.2 a critical identifier of the own key',
      criticalId(SUBJECT_KEY, der.octetString(Uint8Array.of(1))),
      'unknown-critical-extension',
    ],
    [
      '§4.2.1.2 an identifier in pieces',
      criticalId(SUBJECT_KEY, der.element(0x24, der.octetString(Uint8Array.of(1)))),
      'der',
    ],
    ['§4.2.1.2 a byte after the identifier', criticalId(SUBJECT_KEY, Uint8Array.of(4, 1, 1, 0)), 'der'],
    [
      '§4.2.1.1 an intermediate without the issuer’s',
      () => makeChain({ cas: [{ extensions: { authorityKeyIdentifier: undefined } }] }),
      'certificate',
      'accepted',
    ],
    [
      '§4.2.1.2 an intermediate without its own',
      () => makeChain({ cas: [{ extensions: { subjectKeyIdentifier: undefined } }] }),
      'certificate',
      'accepted',
    ],
    [
      '§4.2.1.2 a leaf without its own',
      () => makeChain({ leaf: { extensions: { subjectKeyIdentifier: undefined } } }),
      'accepted',
    ],
    [
      '§4.2.1.1 a root without any',
      () => makeChain({ root: { extensions: { subjectKeyIdentifier: undefined, authorityKeyIdentifier: undefined } } }),
      'accepted',
    ],
    [
      '§4.2.1.1 a self-signed CA may leave out the issuer’s, also as the target',
      () => {
        const self = makeCa('self', { extensions: { authorityKeyIdentifier: undefined } });
        return { end: self, anchors: [bareAnchor(self)], role: 'ca' };
      },
      'accepted',
    ],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('§4.2.1.1 of two CAs of one name, a hint to the wrong one costs nothing but time', () => {
    const other = makeCa('ca', {}, root);
    const octets = other.certificate.extensions.subjectKeyIdentifier;
    const end = makeLeaf(ca, { extensions: { authorityKeyIdentifier: octets } });
    expect(verdicts(() => ({ end, anchors: [root], intermediates: [other, ca] }))).toEqual(['accepted', 'accepted']);
  });
  test('§4.2.1.2 a CA with the identifier of another key does not hide the right one', () => {
    const impostor = makeCa('ca', { extensions: { subjectKeyIdentifier: Uint8Array.from(own) } }, root);
    const right = makeCa('ca', { keyPair: keyPairOf(ca), extensions: { subjectKeyIdentifier: undefined } }, root);
    const build = () => ({ end: leaf, anchors: [root], intermediates: [impostor, right, ca] });
    expect(verdicts(build)).toEqual(['accepted', 'accepted']);
  });
});

describe('§4.2.1.12 extended key usage', () => {
  type Purposes = readonly string[] | undefined;
  const purposes =
    (asked: string | undefined, leaf: Purposes, ...cas: Purposes[]) =>
    (): Chain => ({
      ...makeChain({
        cas: cas.map((extendedKeyUsage) => ({ extensions: { extendedKeyUsage } })),
        leaf: { extensions: { extendedKeyUsage: leaf } },
      }),
      extendedKeyUsage: asked,
    });
  const both = [SERVER_AUTH, CLIENT_AUTH];
  const value = der.sequence(der.oid(CLIENT_AUTH));
  const criticalPurpose = { extensions: { extendedKeyUsage: undefined, others: [critical('2.5.29.37', value)] } };
  test.each<Case>([
    ['the purpose asked for', purposes(CLIENT_AUTH, both, undefined), 'accepted'],
    ['another purpose', purposes(CLIENT_AUTH, [SERVER_AUTH], undefined), 'extended-key-usage'],
    ['a purpose of one’s own', purposes(PRIVATE_PURPOSE, [PRIVATE_PURPOSE], [PRIVATE_PURPOSE]), 'accepted'],
    ['nothing asked for, nothing said', purposes(undefined, undefined, [CLIENT_AUTH]), 'accepted'],
    [
      'nothing said, which is every purpose for webpki-like',
      purposes(SERVER_AUTH, undefined, undefined),
      'extended-key-usage',
      'accepted',
    ],
    [
      'any purpose in the leaf is not the one asked for',
      purposes(CLIENT_AUTH, [ANY_PURPOSE], undefined),
      'extended-key-usage',
    ],
    ['any purpose in the CA', purposes(CLIENT_AUTH, [CLIENT_AUTH], [ANY_PURPOSE]), 'accepted'],
    [
      'any purpose in one CA, the right one in the next',
      purposes(CLIENT_AUTH, both, [ANY_PURPOSE], [CLIENT_AUTH]),
      'accepted',
    ],
    [
      'a CA that has it, above one that has not',
      purposes(CLIENT_AUTH, both, [CLIENT_AUTH], [SERVER_AUTH]),
      'extended-key-usage',
    ],
    [
      'a CA that has it not, above one that has',
      purposes(CLIENT_AUTH, both, [SERVER_AUTH], [CLIENT_AUTH]),
      'extended-key-usage',
    ],
    ['only the CA has it', purposes(CLIENT_AUTH, [SERVER_AUTH], [CLIENT_AUTH]), 'extended-key-usage'],
    [
      'nothing asked for: a CA with none of the leaf’s',
      purposes(undefined, [SERVER_AUTH], [CLIENT_AUTH]),
      'extended-key-usage',
    ],
    [
      'critical in the leaf',
      () => ({ ...makeChain({ leaf: criticalPurpose }), extendedKeyUsage: CLIENT_AUTH }),
      'accepted',
    ],
    [
      'critical in the CA',
      () => ({ ...makeChain({ cas: [criticalPurpose], leaf: criticalPurpose }), extendedKeyUsage: CLIENT_AUTH }),
      'accepted',
    ],
    [
      'purposes in a root of clients',
      () => ({
        ...makeChain({ root: { extensions: { extendedKeyUsage: [CLIENT_AUTH] } }, leaf: criticalPurpose }),
        extendedKeyUsage: CLIENT_AUTH,
      }),
      'accepted',
    ],
  ])('§4.2.1.12 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2 the form of the list of extensions', () => {
  const base = makeChain();
  const ca = base.intermediates[0] ?? base.end;
  const kept = extensionsWithout(base.end, '2.5.29.15');
  const withField = (extensions: Uint8Array) => (): Chain => ({ ...base, end: altered(base.end, ca, { extensions }) });
  const strange = extension('2.999.5', der.null_());
  const flag = (value: Uint8Array) => der.sequence(der.oid('2.999.5'), value, der.octetString(der.null_()));
  test.each<Case>([
    ['in any order', withField(extensionsField(...[...kept].reverse(), strange)), 'accepted'],
    ['one twice, unknown', withField(extensionsField(...kept, strange, strange)), 'certificate'],
    [
      'one twice, once critical',
      withField(extensionsField(...kept, strange, extension('2.999.5', der.null_(), 'critical'))),
      'certificate',
    ],
    ['one twice, known', withField(extensionsField(...kept, kept[0] ?? strange)), 'certificate'],
    ['an empty list', withField(extensionsField()), 'certificate'],
    ['critical 01 (BER)', withField(extensionsField(...kept, flag(der.element(1, Uint8Array.of(1))))), 'der'],
    ['critical FALSE spelled out (a default)', withField(extensionsField(...kept, flag(der.boolean(false)))), 'der'],
    [
      'critical of two octets',
      withField(extensionsField(...kept, flag(der.element(1, Uint8Array.of(255, 255))))),
      'der',
    ],
    [
      'a value that is no octet string',
      withField(extensionsField(...kept, der.sequence(der.oid('2.999.5'), der.null_()))),
      'der',
    ],
    ['no value', withField(extensionsField(...kept, der.sequence(der.oid('2.999.5')))), 'der'],
    ['two lists', withField(der.element(0xa3, der.sequence(...kept), der.sequence(strange))), 'der'],
    ['a tag that is implicit', withField(der.element(0xa3, ...kept)), 'der'],
    ['under another tag', withField(der.context(4, der.sequence(...kept))), 'der'],
  ])('§4.1.2.9 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});
