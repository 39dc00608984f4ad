// The envelope: clear JSON text and a detached CMS over its exact bytes. Signing is in two steps, so that the key can be anywhere.
import type { Certificate } from '@windlass/x509';
import {
  checkSignature,
  hashOf,
  readAlgorithms,
  type SignerRole,
  type SigningAlgorithm,
  signingAlgorithmFor,
  writeAlgorithms,
} from './algorithms.ts';
import { base64Of, bytesOf, hash, hex } from './bytes.ts';
import { encodeSignedAttributes, readSignedData, writeSignedData } from './cms.ts';
import { check } from './errors.ts';
import { type Digest, digestOf, parseBase64 } from './forms.ts';
import { MAX_ENVELOPE_CERTIFICATES } from './limits.ts';
import { type Codec, object, textForm } from './schema.ts';
import { isJsonObject, type JsonValue, looseBody } from './strict-json.ts';

/** A signed message: the text of one JSON object, and base64 of the DER of a detached CMS SignedData over its UTF-8 bytes. */
export interface Envelope {
  readonly payload: string;
  readonly signature: string;
}

/** An envelope whose signature verifies with the key of `signer`. Who that is, nobody checked: see `verifySigner`. */
export interface OpenedEnvelope {
  readonly payload: string;
  /** Of the payload. */
  readonly digest: Digest;
  readonly signer: Certificate;
  /** The other certificates of the envelope: candidates for the path, not trusted. */
  readonly others: readonly Certificate[];
  readonly algorithm: SigningAlgorithm;
}

/** A message that waits for its signature. */
export interface PreparedEnvelope {
  /** What is to be signed, with the hash of `algorithm`: what `crypto.sign(hash, toBeSigned, key)` takes. */
  readonly toBeSigned: Uint8Array;
  readonly algorithm: SigningAlgorithm;
  /**
   * The envelope with this signature: DER ECDSA-Sig-Value, raw Ed25519, or RSA.
   *
   * @throws ProtocolError `signature`: it is not of the key of the first certificate
   */
  finish(signature: Uint8Array): Envelope;
}

export const envelope: Codec<Envelope> = object({ payload: textForm(() => true), signature: parseBase64 });

/** The two members of an envelope; neither is read. @throws ProtocolError `schema` */
export const parseEnvelope = (value: JsonValue): Envelope => envelope(value);

/** The text of an envelope as a body. */
export const encodeEnvelope = ({ payload, signature }: Envelope): string => JSON.stringify({ payload, signature });

/** Tells a body that is an envelope, valid or not, from a block page and everything else that is no answer. @see spec L4 */
export const isEnvelope = (body: Uint8Array): boolean => isEnvelopeShaped(looseBody(body));

/** Whether a value looks like an envelope. */
export const isEnvelopeShaped = (value: unknown): boolean =>
  isJsonObject(value) && typeof value['payload'] === 'string' && typeof value['signature'] === 'string';

/**
 * What a signer must sign so that `payload` becomes an envelope with this chain, leaf first, 1 to 4 certificates, without the anchor.
 *
 * @throws ProtocolError `cms`: not 1 to 4 certificates; `algorithm`: not for this key. @see spec E1 to E5
 */
export function prepareEnvelope(input: {
  readonly payload: string;
  readonly chain: readonly Certificate[];
  readonly algorithm?: SigningAlgorithm;
}): PreparedEnvelope {
  const { payload, chain } = input;
  const [signer] = chain;
  check(signer && chain.length <= MAX_ENVELOPE_CERTIFICATES, 'cms'); // spec E3
  const algorithm = input.algorithm ?? signingAlgorithmFor(signer.publicKey);
  const algorithms = writeAlgorithms(algorithm);
  readAlgorithms(algorithms, signer.publicKey, 'device');
  const toBeSigned = encodeSignedAttributes(hash(hashOf(algorithm), payload));
  const pieces = { certificates: chain, signer, ...algorithms, toBeSigned };
  return {
    toBeSigned,
    algorithm,
    finish(signature) {
      checkSignature(algorithm, signer.publicKey, toBeSigned, signature);
      return { payload, signature: base64Of(writeSignedData({ ...pieces, signature })) };
    },
  };
}

/**
 * The payload with the certificate whose key signed it, as the profile of section 3 wants it for this role.
 *
 * @throws ProtocolError `cms`, `algorithm`, `digest-mismatch`, `signature`, in this order. @see spec E1 to E7
 */
export function openEnvelope({ payload, signature }: Envelope, role: SignerRole): OpenedEnvelope {
  const data = readSignedData(bytesOf(signature, 'base64'));
  const { signer, certificates } = data;
  const algorithm = readAlgorithms(data, signer.publicKey, role);
  check(hex(hash(hashOf(algorithm), payload)) === hex(data.messageDigest), 'digest-mismatch'); // spec E6
  checkSignature(algorithm, signer.publicKey, data.toBeSigned, data.signature);
  const others = certificates.filter((certificate) => certificate !== signer);
  return { payload, digest: digestOf(payload), signer, others, algorithm };
}
