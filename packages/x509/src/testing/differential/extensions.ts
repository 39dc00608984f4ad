// Extensions of made-up certificates, by name, with a sound value each.

import { derTypes as der } from '../../der-types.ts';
import { KEY_USAGES, type KeyUsage } from '../../extension-values.ts';
import { ascii, generalName, SERVER_AUTH } from '../examination.ts';
import type { DraftExtension } from './draft.ts';

/** OIDs of extensions. */
export const OIDS = {
  'subject-key-identifier': '2.5.29.14',
  'key-usage': '2.5.29.15',
  'subject-alt-name': '2.5.29.17',
  'issuer-alt-name': '2.5.29.18',
  'basic-constraints': '2.5.29.19',
  'name-constraints': '2.5.29.30',
  'crl-distribution-points': '2.5.29.31',
  policies: '2.5.29.32',
  'policy-mappings': '2.5.29.33',
  'authority-key-identifier': '2.5.29.35',
  'policy-constraints': '2.5.29.36',
  'extended-key-usage': '2.5.29.37',
  'freshest-crl': '2.5.29.46',
  'inhibit-any-policy': '2.5.29.54',
  'information-access': '1.3.6.1.5.5.7.1.1',
} as const;

/** An extension by name. */
export type ExtensionName = keyof typeof OIDS;

/** An extension of this value, critical or not. */
export const critical = (name: ExtensionName, value: DraftExtension['value']): DraftExtension => ({
  oid: OIDS[name],
  critical: 'critical',
  value,
});
export const notCritical = (name: ExtensionName, value: DraftExtension['value']): DraftExtension => ({
  oid: OIDS[name],
  critical: 'not-critical',
  value,
});

/** Basic constraints of these parts. */
export function basicConstraints(...parts: Uint8Array[]): DraftExtension {
  return critical('basic-constraints', der.sequence(...parts));
}

/** A bit string of these bits, without zero bits at the end. */
export function keyUsage(...usages: KeyUsage[]): DraftExtension {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return critical('key-usage', der.bitString(bytes, 7 - (last & 7)));
}

/** Purposes by OID. */
export function purposes(...oids: string[]): DraftExtension {
  return notCritical('extended-key-usage', der.sequence(...oids.map(der.oid)));
}

/** Alternative names. */
export function altNames(...names: Uint8Array[]): DraftExtension {
  return notCritical('subject-alt-name', der.sequence(...names));
}

/** Name constraints: bases, or whole subtrees. */
export function nameConstraints(lists: {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
}): DraftExtension {
  const subtrees = (number: number, bases: readonly Uint8Array[] | undefined) =>
    bases ? [der.element(0xa0 | number, ...bases.map((base) => (base[0] === 0x30 ? base : der.sequence(base))))] : [];
  return critical('name-constraints', der.sequence(...subtrees(0, lists.permitted), ...subtrees(1, lists.excluded)));
}

/** Where something is, that nobody fetches. */
const PLACE = generalName.uri('http://pki.example.net/a');

/** A sound extension of each name, for certificates that have none to be changed; of a CA or a leaf alike. */
export const SOUND: Readonly<Record<ExtensionName, DraftExtension>> = {
  'subject-key-identifier': notCritical('subject-key-identifier', 'own-key-identifier'),
  'authority-key-identifier': notCritical('authority-key-identifier', 'issuer-key-identifier'),
  'key-usage': keyUsage('digitalSignature'),
  'subject-alt-name': altNames(generalName.dns('a.example.com')),
  'issuer-alt-name': notCritical('issuer-alt-name', der.sequence(generalName.dns('a.example.com'))),
  'basic-constraints': basicConstraints(),
  'name-constraints': nameConstraints({ excluded: [generalName.dns('excluded.example.org')] }),
  'crl-distribution-points': notCritical(
    'crl-distribution-points',
    der.sequence(der.sequence(der.context(0, der.context(0, PLACE)))),
  ),
  'freshest-crl': notCritical('freshest-crl', der.sequence(der.sequence(der.context(0, der.context(0, PLACE))))),
  policies: notCritical('policies', der.sequence(der.sequence(der.oid('1.2.3.4.5')))),
  'policy-mappings': critical(
    'policy-mappings',
    der.sequence(der.sequence(der.oid('1.2.3.4.5'), der.oid('1.2.3.4.6'))),
  ),
  'policy-constraints': critical('policy-constraints', der.sequence(der.context(1, Uint8Array.of(0), 'primitive'))),
  'inhibit-any-policy': critical('inhibit-any-policy', der.integer(0)),
  'extended-key-usage': purposes(SERVER_AUTH),
  'information-access': notCritical(
    'information-access',
    der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), PLACE)),
  ),
};

/** An extension that nobody knows. */
export function unknownExtension(criticality: DraftExtension['critical']): DraftExtension {
  return { oid: '1.2.3.4.5.6', critical: criticality, value: der.octetString(ascii('unknown')) };
}
