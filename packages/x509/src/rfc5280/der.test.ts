// RFC 5280 §4.1: certificates and lists are DER. Every element at every level, also those inside octet and bit strings, is
// written as BER would allow, one at a time, and signed again: nothing of it may be taken.

import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseCertificate } from '../certificate.ts';
import { parseCrl } from '../crl.ts';
import { type DerNode, readDer, readDerChildren } from '../der.ts';
import { derTypes as der } from '../der-types.ts';
import {
  altered,
  ascii,
  attribute,
  critical,
  crlEntry,
  extension,
  extensionsField,
  extensionsWithout,
  nameOf,
  outcome,
  rawCrl,
} from '../testing/examination.ts';
import { makeCa, makeLeaf } from '../testing/test-certificates.ts';

/** Writes one element in another way; undefined where that way does not apply. */
type Rewriting = (node: DerNode) => Uint8Array | undefined;

const root = makeCa('root', {
  subject: nameOf([attribute('2.5.4.3', der.utf8String('root')), attribute('2.5.4.10', der.utf8String('lab'))]),
});
const names = der.sequence(
  der.context(1, ascii('me@example.com'), 'primitive'),
  der.context(2, ascii('device.example.com'), 'primitive'),
  der.context(4, root.certificate.subject.der),
  der.context(7, Uint8Array.of(10, 0, 0, 1), 'primitive'),
);
const leaf = (() => {
  const plain = makeLeaf(root, { extensions: { subjectAltName: undefined } });
  const others = extensionsWithout(plain, '2.5.29.35');
  const keyIdentifier = der.context(0, Uint8Array.of(1, 2), 'primitive');
  const issuer = der.context(1, der.context(4, root.certificate.subject.der));
  const serial = der.context(2, Uint8Array.of(0, 0x80), 'primitive');
  const access = der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), der.context(6, ascii('http://a.test'), 'primitive'));
  const more = [
    extension('2.5.29.17', names),
    extension('2.5.29.35', der.sequence(keyIdentifier, issuer, serial)),
    extension('1.3.6.1.5.5.7.1.1', der.sequence(access)),
  ];
  return altered(plain, root, { extensions: extensionsField(...others, ...more) });
})();
const policy = der.sequence(
  der.context(0, Uint8Array.of(9), 'primitive'),
  der.context(1, Uint8Array.of(0), 'primitive'),
);
const ca = makeCa(
  'ca',
  {
    extensions: {
      basicConstraints: { ca: true, pathLength: 3 },
      nameConstraints: {
        permitted: [{ kind: 'dns', value: 'a.test' }],
        excluded: [{ kind: 'ip', value: '10.0.0.0/8' }],
      },
      others: [critical('2.5.29.36', policy)],
    },
  },
  root,
);
const list = rawCrl(root, {
  entries: [crlEntry(leaf, extension('2.999.1', Uint8Array.of(1))), crlEntry(der.integer(200))],
});

/** What may hold DER inside without being constructed: the values of extensions (octet strings) and nothing else here. */
function childrenOf(node: DerNode): readonly DerNode[] {
  if (node.tag & 0x20) return readDerChildren(node);
  try {
    return node.tag === 0x04 ? [readDer(node.content)] : [];
  } catch {
    return [];
  }
}

/** The bytes with the nth element (in order of their beginnings) rewritten; its name; undefined beyond the last. */
function rewritten(bytes: Uint8Array, nth: number, rewrite: Rewriting) {
  let left = nth;
  let found: { readonly place: string; readonly isChanged: boolean } | undefined;
  const visit = (node: DerNode, place: string): Uint8Array => {
    if (left-- === 0) {
      const other = rewrite(node);
      found = { place, isChanged: other !== undefined };
      return other ?? node.raw;
    }
    const children = childrenOf(node);
    if (found || children.length === 0) return node.raw;
    return der.element(
      node.tag,
      ...children.map((child, i) => visit(child, `${place}/${i}:${child.tag.toString(16)}`)),
    );
  };
  const result = visit(readDer(bytes), '');
  return found && { ...found, bytes: result };
}

/** Places whose rewriting is taken, of all the places in what is signed. */
function taken(tbs: Uint8Array, rewrite: Rewriting, parse: (tbs: Uint8Array) => unknown): readonly string[] {
  const places: string[] = [];
  for (let nth = 0; ; nth++) {
    const one = rewritten(tbs, nth, rewrite);
    if (!one) return places;
    if (one.isChanged && outcome(() => parse(one.bytes)) === 'accepted') places.push(one.place);
  }
}

const signed = (tbs: Uint8Array) => {
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'));
  return der.sequence(tbs, algorithm, der.bitString(sign('sha256', tbs, root.key)));
};
const subjects: [string, Uint8Array, (tbs: Uint8Array) => unknown][] = [
  ['a leaf', leaf.certificate.tbs, (tbs) => parseCertificate(signed(tbs))],
  ['a CA', ca.certificate.tbs, (tbs) => parseCertificate(signed(tbs))],
  ['a list', list.tbs, (tbs) => parseCrl(signed(tbs))],
];

const header = ({ tag }: DerNode, ...length: number[]) => Uint8Array.of(tag, ...length);
const join = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const rewritings: [string, Rewriting][] = [
  [
    'X.690 §10.1 a length in long form where the short one fits',
    (node) => (node.content.length < 128 ? join(header(node, 0x81, node.content.length), node.content) : undefined),
  ],
  [
    'X.690 §10.1 a length with a leading zero',
    (node) => join(header(node, 0x83, 0, node.content.length >> 8, node.content.length & 255), node.content),
  ],
  [
    'X.690 §10.1 an indefinite length',
    (node) => (node.tag & 0x20 ? join(header(node, 0x80), node.content, Uint8Array.of(0, 0)) : undefined),
  ],
  [
    'X.690 §10.2 a string in pieces',
    (node) => {
      const isString = [0x03, 0x04, 0x0c, 0x13, 0x16, 0x17, 0x18].includes(node.tag);
      return isString ? der.element(node.tag | 0x20, node.raw) : undefined;
    },
  ],
  [
    'X.690 §8.3.2 an integer that is padded',
    (node) =>
      node.tag === 0x02
        ? der.element(0x02, Uint8Array.of((node.content[0] ?? 0) < 0x80 ? 0 : 0xff), node.content)
        : undefined,
  ],
  ['X.690 §8.3.1 an integer without octets', (node) => (node.tag === 0x02 ? der.element(0x02) : undefined)],
  ['X.690 §11.1 TRUE as 01', (node) => (node.tag === 0x01 ? der.element(0x01, Uint8Array.of(1)) : undefined)],
  [
    'X.690 §8.19.2 an arc that is padded',
    (node) =>
      node.tag === 0x06
        ? der.element(0x06, Uint8Array.of(...node.content.subarray(0, -1), 0x80, node.content.at(-1) ?? 0))
        : undefined,
  ],
  [
    'X.690 §11.2.1 unused bits that are not zero',
    (node) =>
      node.tag === 0x03
        ? der.element(
            0x03,
            Uint8Array.of(1),
            node.content.subarray(1, -1),
            Uint8Array.of((node.content.at(-1) ?? 0) | 1),
          )
        : undefined,
  ],
  [
    'X.690 §11.6 a set out of order',
    (node) => {
      const elements = node.tag === 0x31 ? readDerChildren(node).map(({ raw }) => raw) : [];
      return elements.length > 1 ? der.element(0x31, ...elements.reverse()) : undefined;
    },
  ],
  [
    '§4.1 a byte more inside',
    (node) => (node.tag & 0x20 ? der.element(node.tag, node.content, Uint8Array.of(0)) : undefined),
  ],
  [
    '§4.1 an element more inside',
    (node) => (node.tag & 0x20 ? der.element(node.tag, node.content, der.null_()) : undefined),
  ],
  ['§4.1 an element more behind', (node) => join(node.raw, der.null_())],
  ['§4.1 end of contents behind', (node) => join(node.raw, Uint8Array.of(0, 0))],
  [
    '§4.1 a tag in the long form',
    (node) => join(Uint8Array.of(node.tag | 0x1f, node.tag & 0x1f), node.raw.subarray(1)),
  ],
  ['§4.1 cut by one byte', (node) => (node.content.length > 0 ? node.raw.subarray(0, -1) : undefined)],
];

describe.each(subjects)('§4.1 the DER of %s', (_, tbs, parse) => {
  test('§4.1 as it is, and taken apart and put together again, it is taken', () => {
    expect(outcome(() => parse(tbs))).toBe('accepted');
    expect(rewritten(tbs, 10_000, () => undefined)).toBeUndefined();
    expect(taken(tbs, ({ raw }) => raw, parse).length).toBeGreaterThan(30);
  });
  test.each(rewritings)('%s: nowhere', (__, rewrite) => expect(taken(tbs, rewrite, parse)).toEqual([]));
});

describe('§4.1 around what is signed', () => {
  const tbs = readDer(leaf.certificate.tbs);
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'));
  const signature = der.bitString(leaf.certificate.signature);
  const indefinite = join(Uint8Array.of(0x30, 0x80), tbs.raw, algorithm, signature, Uint8Array.of(0, 0));
  test.each<[string, Uint8Array]>([
    ['an indefinite length', indefinite],
    ['a signature in pieces', der.sequence(tbs.raw, algorithm, der.element(0x23, signature))],
    ['a signature with an unused bit', der.sequence(tbs.raw, algorithm, der.bitString(Uint8Array.of(0xfe), 1))],
    ['a signature as an octet string', der.sequence(tbs.raw, algorithm, der.octetString(leaf.certificate.signature))],
    ['no signature', der.sequence(tbs.raw, algorithm)],
    ['a fourth element', der.sequence(tbs.raw, algorithm, signature, der.null_())],
    ['a set around', der.element(0x31, tbs.raw, algorithm, signature)],
    ['a byte behind', join(der.sequence(tbs.raw, algorithm, signature), Uint8Array.of(0))],
    ['only what is signed', tbs.raw],
    ['nothing', new Uint8Array()],
  ])('§4.1 %s is refused', (_, bytes) => {
    expect(['der', 'certificate']).toContain(outcome(() => parseCertificate(bytes)));
  });
});
