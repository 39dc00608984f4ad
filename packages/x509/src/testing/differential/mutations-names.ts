// Mutations of subject and issuer: other names, and other ways to write the same one. Where the subject of a CA changes, the
// certificates below it name it as it is then.

import { derTypes as der } from '../../der-types.ts';
import { encodeName } from '../../issue.ts';
import { ascii, attribute } from '../examination.ts';
import { type Chain, draftOf, withDraft } from './chain.ts';
import type { Id } from './draft.ts';
import { BELOW, type Change, EVERYWHERE, fields, type Mutation, mutations } from './mutation.ts';

const CN = '2.5.4.3';
const O = '2.5.4.10';
const EMAIL = '1.2.840.113549.1.9.1';
const text = (tag: number, value: string | Uint8Array) =>
  der.element(tag, typeof value === 'string' ? new TextEncoder().encode(value) : value);
const relative = (...attributes: Uint8Array[]) => der.set(...attributes);
const name = (...relatives: Uint8Array[]) => der.sequence(...relatives);
const common = (value: Uint8Array) => name(relative(attribute(CN, value)));
const utf8 = (value: string) => text(12, value);
const utf16 = (value: string) => {
  const bytes = Buffer.from(value, 'utf16le');
  return text(30, new Uint8Array(bytes.swap16()));
};
const subject = (value: Uint8Array) => fields({ subject: value });
const PLAIN = common(utf8('Some CA'));

/** The certificate's issuer is called one thing in its own subject, and another in this certificate. */
function calls(own: Uint8Array, called: Uint8Array): Change {
  return (chain, id) => {
    const { issuedBy } = draftOf(chain, id);
    const renamed = withDraft(chain, issuedBy, { ...draftOf(chain, issuedBy), subject: own });
    return withDraft(renamed, id, { ...draftOf(renamed, id), issuer: called });
  };
}

function sameAsIssuer(chain: Chain, id: Id): Chain {
  const draft = draftOf(chain, id);
  return withDraft(chain, id, { ...draft, subject: draftOf(chain, draft.issuedBy).subject });
}

/** All of them. */
export const NAME_MUTATIONS: readonly Mutation[] = [
  ...mutations('subject', EVERYWHERE, {
    empty: subject(name()),
    'empty-relative': subject(name(der.set())),
    printable: subject(common(text(19, 'Some CA'))),
    'printable-with-at': subject(common(text(19, 'a@b'))),
    teletex: subject(common(text(20, Uint8Array.of(0x5a, 0xfc, 0x72)))),
    bmp: subject(common(utf16('Zürich'))),
    'bmp-odd': subject(common(text(30, Uint8Array.of(0, 0x41, 0)))),
    universal: subject(common(text(28, Uint8Array.of(0, 0, 0, 0x41)))),
    'utf8-malformed': subject(common(text(12, Uint8Array.of(0xc3, 0x28)))),
    'utf8-non-ascii': subject(common(utf8('Zürich 東京'))),
    'ia5-non-ascii': subject(common(text(22, Uint8Array.of(0x41, 0xe4)))),
    numeric: subject(common(text(18, '12 34'))),
    'no-text': subject(common(der.integer(5))),
    'with-nul': subject(common(utf8('a\0b'))),
    'empty-value': subject(common(utf8(''))),
    'of-65-characters': subject(common(utf8('x'.repeat(65)))),
    'of-200-characters': subject(common(utf8('x'.repeat(200)))),
    'two-in-one': subject(name(relative(attribute(O, utf8('Org')), attribute(CN, utf8('Some CA'))))),
    'two-in-one-unsorted': subject(name(der.element(0x31, attribute(CN, utf8('Some CA')), attribute(O, utf8('Org'))))),
    'twice-the-same': subject(name(relative(attribute(CN, utf8('A'))), relative(attribute(CN, utf8('A'))))),
    'unknown-attribute': subject(name(relative(attribute('1.2.3.4', utf8('x'))))),
    'long-country': subject(encodeName([{ type: 'C', value: 'CHE' }])),
    'with-email': subject(encodeName([{ type: 'emailAddress', value: 'a@example.com' }])),
    'email-utf8': subject(name(relative(attribute(EMAIL, utf8('a@example.com'))))),
    'no-set': subject(der.sequence(der.sequence(attribute(CN, utf8('x'))))),
    'attribute-of-three': subject(name(relative(der.sequence(der.oid(CN), utf8('x'), der.null_())))),
    'attribute-without-value': subject(name(relative(der.sequence(der.oid(CN))))),
  }),
  ...mutations('subject', BELOW, { 'same-as-issuer': sameAsIssuer }),
  ...mutations('issuer', EVERYWHERE, {
    other: fields({ issuer: common(utf8('Nobody')) }),
    empty: fields({ issuer: name() }),
    'no-set': fields({ issuer: der.sequence(der.sequence(attribute(CN, utf8('x')))) }),
  }),
  ...mutations('issuer', BELOW, {
    'in-other-case': calls(PLAIN, common(utf8('SOME ca'))),
    'with-more-spaces': calls(PLAIN, common(utf8('  Some   CA '))),
    'with-a-tab': calls(PLAIN, common(utf8('Some\tCA'))),
    'as-printable': calls(PLAIN, common(text(19, 'Some CA'))),
    'as-bmp': calls(common(utf8('Zürich')), common(utf16('Zürich'))),
    'as-teletex': calls(common(utf8('Zürich')), common(text(20, Buffer.from('Zürich', 'latin1')))),
    'as-teletex-ascii': calls(PLAIN, common(text(20, 'Some CA'))),
    'as-universal': calls(common(utf8('A')), common(text(28, Uint8Array.of(0, 0, 0, 0x41)))),
    'in-other-case-non-ascii': calls(common(utf8('ZÜRICH')), common(utf8('zürich'))),
    'sharp-s-as-ss': calls(common(utf8('Straße')), common(utf8('STRASSE'))),
    'wide-characters': calls(common(utf8('ＡＢ')), common(utf8('AB'))),
    decomposed: calls(common(utf8('é')), common(utf8('e\u0301'))),
    'with-soft-hyphen': calls(PLAIN, common(utf8('So\u00adme CA'))),
    'with-nul': calls(common(utf8('Some')), common(utf8('Some\0'))),
    'kelvin-sign': calls(common(utf8('K')), common(utf8('\u212a'))),
    'order-reversed': calls(
      name(relative(attribute(O, utf8('Org'))), relative(attribute(CN, utf8('CA')))),
      name(relative(attribute(CN, utf8('CA'))), relative(attribute(O, utf8('Org')))),
    ),
    'one-relative-less': calls(
      name(relative(attribute(O, utf8('Org'))), relative(attribute(CN, utf8('CA')))),
      name(relative(attribute(O, utf8('Org')))),
    ),
    'two-in-one-apart': calls(
      name(relative(attribute(O, utf8('Org')), attribute(CN, utf8('CA')))),
      name(relative(attribute(O, utf8('Org'))), relative(attribute(CN, utf8('CA')))),
    ),
    'two-in-one-unsorted': calls(
      name(relative(attribute(O, utf8('Org')), attribute(CN, utf8('CA')))),
      name(der.element(0x31, attribute(O, utf8('Org')), attribute(CN, utf8('CA')))),
    ),
    'no-text-alike': calls(common(der.integer(5)), common(der.integer(5))),
    'no-text-as-its-hex': calls(common(der.integer(5)), common(utf8('#020105'))),
    'ascii-as-octets': calls(PLAIN, common(der.octetString(ascii('Some CA')))),
  }),
];
