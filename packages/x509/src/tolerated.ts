// What the webpki-like profile let pass in a path: said, so that nobody takes a lenient yes for a strict one.

import { type Certificate, isSelfIssued } from './certificate.ts';
import {
  type CaPlace,
  checkCa,
  checkKeyIdentifiers,
  checkNames,
  checkPurpose,
  checkPurposeOfCa,
  checkSerialNumber,
  checkSoundness,
  type LeafRequirements,
} from './checks.ts';
import { X509Error } from './errors.ts';
import { checkNameConstraints } from './name-constraints.ts';
import type { ValidatedPath } from './path-step.ts';

const SENTENCES = {
  'serial-number': 'The serial number is not positive, or longer than 20 octets.',
  'key-identifiers': 'The certificate does not name the key of its issuer or, as a CA, its own.',
  'ca-form': 'The CA has basic constraints that are not critical, or no key usage.',
  purpose: 'The purposes or the key usage are not those of the CA/Browser Forum.',
  names: 'The alternative names are malformed, or critical although there is a subject, or not although there is none.',
  'key-or-policy': 'The RSA modulus is not of whole octets, or policy constraints are not critical.',
  'name-constraints': 'A name constraint is written with a leading dot.',
} as const;

/** What was let pass. */
export type ToleranceCode = keyof typeof SENTENCES;

/** One thing that the strict profile would have refused. */
export interface Tolerance {
  readonly code: ToleranceCode;
  readonly certificate: Certificate;
  /** One sentence for people. */
  readonly sentence: string;
}

/**
 * Everything in a path of the webpki-like profile that the strict one would have refused, from the leaf upwards; nothing for
 * a path of the strict profile. `asked` are the options by which the path was validated.
 */
export function toleratedIn({ leaf, chain, anchor }: ValidatedPath, asked: LeafRequirements): readonly Tolerance[] {
  const strict = { ...asked, profile: 'strict' } as const;
  const anchors = anchor.certificate ? [anchor.certificate] : [];
  return [
    ...inLeaf(leaf, strict),
    ...[...chain.slice(1), ...anchors].flatMap((ca, i) => {
      const below = chain.slice(0, i + 1);
      const place = below.length < chain.length ? 'intermediate' : 'anchor';
      return [...inIssuer(ca, place, strict, leaf), ...inConstraints(ca, below)];
    }),
  ];
}

function inLeaf(leaf: Certificate, asked: LeafRequirements): readonly Tolerance[] {
  const { role = 'end-entity', profile } = asked;
  return [
    ...finding('serial-number', leaf, () => checkSerialNumber(leaf)),
    ...finding('key-identifiers', leaf, () => checkKeyIdentifiers(leaf, role)),
    ...finding('ca-form', leaf, () => role === 'ca' && checkCa(leaf, 'intermediate', profile)),
    ...finding('names', leaf, () => checkNames(leaf)),
    ...finding('purpose', leaf, () => checkPurpose(leaf, asked)),
    ...finding('key-or-policy', leaf, () => checkSoundness(leaf, profile)),
  ];
}

function inIssuer(ca: Certificate, place: CaPlace, asked: LeafRequirements, leaf: Certificate): readonly Tolerance[] {
  const own = place === 'intermediate';
  return [
    ...finding('serial-number', ca, () => own && checkSerialNumber(ca)),
    ...finding('key-identifiers', ca, () => own && checkKeyIdentifiers(ca, 'issuing-ca')),
    ...finding('ca-form', ca, () => checkCa(ca, place, asked.profile)),
    ...finding('purpose', ca, () => checkPurposeOfCa(ca, place, asked, leaf)),
    ...finding('key-or-policy', ca, () => checkSoundness(ca, asked.profile)),
  ];
}

function inConstraints(ca: Certificate, below: readonly Certificate[]): readonly Tolerance[] {
  const { nameConstraints } = ca.extensions;
  if (!nameConstraints) return [];
  const options = { forms: 'strict', spend: () => {} } as const;
  return finding('name-constraints', ca, () => {
    const judged = below.filter((certificate, i) => i === 0 || !isSelfIssued(certificate));
    for (const certificate of judged) checkNameConstraints(nameConstraints, certificate, options);
  });
}

/** What the check refuses. */
function finding(code: ToleranceCode, certificate: Certificate, check: () => unknown): readonly Tolerance[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return [{ code, certificate, sentence: SENTENCES[code] }];
  }
}
