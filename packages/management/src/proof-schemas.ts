// Label proofs: what one covers, what is sent, and which devices wait for one. The code of the label itself is never sent.
import { type Static, Type } from 'typebox';
import { Count, DigestText, Name, SerialText, Time } from './forms.ts';

/** Publisher anchors that a claim can name. Spec section 4. */
const MAX_PUBLISHERS = 4;

const Publishers = Type.Array(DigestText, {
  minItems: 1,
  maxItems: MAX_PUBLISHERS,
  description: `the SHA-256 of 1 to ${MAX_PUBLISHERS} publisher anchors, in their order`,
});

/** What the proof of a device's next claim covers. Spec D21. */
export const ProofTerms = Type.Object({
  service: Type.String(),
  /** SHA-256 of the manufacturer anchor's SubjectPublicKeyInfo. */
  manufacturer: DigestText,
  serial: SerialText,
  organization: Name,
  ownership: Count,
  /** SHA-256 of each publisher anchor's DER, in the order of the claim. */
  publishers: Publishers,
});
export type ProofTerms = Static<typeof ProofTerms>;

/** A proof, with what of its terms can change while it is made. */
export const LabelProof = Type.Object(
  {
    proof: DigestText,
    ownership: Type.Integer({ minimum: 1, description: 'a number from 1 on' }),
    publishers: Publishers,
  },
  { additionalProperties: false, description: 'a label proof: proof, ownership and publishers' },
);
export type LabelProof = Static<typeof LabelProof>;

/** A device that takes no claim, or no new one, until somebody with its label makes a proof. */
export const UnprovedDevice = Type.Object({
  serial: SerialText,
  manufacturer: Name,
  organization: Name,
  /** missing: its claim has no proof; publishers: the proof is for other publishers than the organization has. */
  why: Type.Union([Type.Literal('missing'), Type.Literal('publishers')]),
  /** The end of the claim that it has. */
  expires: Time,
});
export type UnprovedDevice = Static<typeof UnprovedDevice>;
