// Mutations of the fields of a certificate beside its names, keys and extensions: version, serial number, validity, unique
// identifiers, the list of extensions.

import { derTypes as der } from '../../der-types.ts';
import { ascii, DAY } from '../examination.ts';
import { parseTree } from '../fuzz/der-tree.ts';
import { EDITS } from '../fuzz/edits.ts';
import { createRandom } from '../fuzz/random.ts';
import { NOW } from '../test-certificates.ts';
import { all, draft, EVERYWHERE, element, fields, type Mutation, mutations } from './mutation.ts';

const NOTHING = new Uint8Array();
const integer = (...octets: number[]) => der.element(0x02, Uint8Array.from(octets));
const time = (tag: 0x17 | 0x18, text: string) => der.element(tag, ascii(text));
const utc = (text: string) => time(0x17, text);
const generalized = (text: string) => time(0x18, text);
const validity = (...parts: Uint8Array[]) => element('validity', der.sequence(...parts));
const [FROM, TO] = [der.time(NOW - DAY), der.time(NOW + DAY)];
const noExtensions = fields({ extensions: [] });
const identifier = (number: number) => der.context(number, Uint8Array.of(0, 1, 2, 3), 'primitive');

/** All of them. */
export const FIELD_MUTATIONS: readonly Mutation[] = [
  ...mutations('version', EVERYWHERE, {
    1: element('version', NOTHING),
    '1-without-extensions': all(element('version', NOTHING), noExtensions),
    '1-spelled-out': element('version', der.context(0, integer(0))),
    2: element('version', der.context(0, integer(1))),
    '2-without-extensions': all(element('version', der.context(0, integer(1))), noExtensions),
    4: element('version', der.context(0, integer(3))),
    negative: element('version', der.context(0, integer(0xff))),
    padded: element('version', der.context(0, integer(0, 2))),
  }),
  ...mutations('serial', EVERYWHERE, {
    zero: fields({ serial: integer(0) }),
    negative: fields({ serial: integer(0x80, 1) }),
    'of-20-octets': fields({ serial: integer(...Array<number>(20).fill(0x7f)) }),
    'of-21-octets': fields({ serial: integer(0, ...Array<number>(20).fill(0xff)) }),
    padded: fields({ serial: integer(0, 1) }),
    empty: fields({ serial: integer() }),
    'no-integer': fields({ serial: der.octetString(Uint8Array.of(1)) }),
  }),
  ...mutations('validity', EVERYWHERE, {
    past: fields({ notBefore: NOW - 9 * DAY, notAfter: NOW - DAY }),
    future: fields({ notBefore: NOW + DAY, notAfter: NOW + 9 * DAY }),
    inverted: fields({ notBefore: NOW + DAY, notAfter: NOW - DAY }),
    'first-second': fields({ notBefore: NOW }),
    'last-second': fields({ notAfter: NOW }),
    'over-by-a-second': fields({ notAfter: NOW - 1 }),
    'early-by-a-second': fields({ notBefore: NOW + 1 }),
    'no-end': validity(FROM, generalized('99991231235959Z')),
    'utc-1950': validity(utc('500101000000Z'), TO),
    'utc-2049': validity(FROM, utc('491231235959Z')),
    'generalized-before-2050': validity(generalized('20250101000000Z'), generalized('20300101000000Z')),
    'utc-without-seconds': validity(utc('2501010000Z'), TO),
    'utc-with-offset': validity(utc('250101000000+0000'), TO),
    'utc-lower-case': validity(utc('250101000000z'), TO),
    'generalized-fraction': validity(FROM, generalized('20300101000000.5Z')),
    'generalized-local': validity(FROM, generalized('20300101000000')),
    'impossible-day': validity(utc('250230000000Z'), TO),
    'leap-second': validity(FROM, utc('261231235960Z')),
    'hour-24': validity(utc('250101240000Z'), TO),
    'a-third-time': validity(FROM, TO, TO),
    'one-time': validity(FROM),
    'no-time': validity(),
    'as-text': validity(der.ia5String('250101000000Z'), TO),
  }),
  ...mutations('identifiers', EVERYWHERE, {
    issuer: fields({ identifiers: identifier(1) }),
    subject: fields({ identifiers: identifier(2) }),
    both: fields({ identifiers: Buffer.concat([identifier(1), identifier(2)]) }),
    swapped: fields({ identifiers: Buffer.concat([identifier(2), identifier(1)]) }),
    'version-1': all(fields({ identifiers: identifier(1) }), element('version', NOTHING), noExtensions),
    'unused-bits': fields({ identifiers: der.context(1, Uint8Array.of(9, 1), 'primitive') }),
  }),
  ...mutations('extension-list', EVERYWHERE, {
    none: noExtensions,
    empty: element('extensions', der.context(3, der.sequence())),
    'no-sequence': element('extensions', der.element(0xa3)),
    twice: element('extensions', (list) => Buffer.concat([list, list])),
    reversed: draft((one) => ({ ...one, extensions: [...one.extensions].reverse() })),
    shuffled: draft((one, random) => ({ ...one, extensions: random.shuffled(one.extensions) })),
    'other-tag': element('extensions', (list) => Uint8Array.of(0xa4, ...list.subarray(1))),
  }),
  // The inner algorithm, beside the outer one that is as it was: see also mutations-signature.ts.
  ...mutations('body', EVERYWHERE, {
    'trailing-element': element('body', (body) => edited(body, 'null')),
    'length-padded': element('body', (body) => edited(body, 'length-padded')),
    'length-indefinite': element('body', (body) => edited(body, 'length-indefinite')),
  }),
  ...mutations('certificate', EVERYWHERE, {
    'trailing-element': element('certificate', (whole) => edited(whole, 'null')),
    'trailing-bytes': element('certificate', (whole) => Uint8Array.of(...whole, 0)),
    'length-padded': element('certificate', (whole) => edited(whole, 'length-padded')),
    'length-indefinite': element('certificate', (whole) => edited(whole, 'length-indefinite')),
  }),
];

function edited(whole: Uint8Array, how: 'null' | 'length-padded' | 'length-indefinite'): Uint8Array {
  const tree = parseTree(whole);
  if (!tree) return whole;
  if (how === 'null') return der.element(tree.tag, tree.content, der.null_());
  return Buffer.concat([...EDITS[how](tree, createRandom(0), tree)]);
}
