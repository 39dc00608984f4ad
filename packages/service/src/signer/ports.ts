// What the service asks of a signing key, wherever it is: in a file today, in a PKCS#11 token or a KMS later. Keys stay
// behind this port; the rest of the service sees certificates and signatures.
import {
  type Digest,
  type Envelope,
  type OrganizationId,
  prepareEnvelope,
  type SigningAlgorithm,
  type UnixSeconds,
} from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';

/** A key that signs, with its certificates. */
export interface Signer {
  /** Leaf first, then intermediates, without the anchor. */
  readonly chain: readonly Certificate[];
  /**
   * The signature over `toBeSigned` with the algorithm's own hash: DER for ECDSA, raw for Ed25519 and RSA.
   * @throws SignerError `signer-mismatch` when the key cannot do the algorithm
   */
  sign(toBeSigned: Uint8Array, algorithm: SigningAlgorithm): Promise<Uint8Array>;
}

/** The envelope of `payload`, signed with the signer's own algorithm. @throws SignerError */
export async function signEnvelope(signer: Signer, payload: string): Promise<Envelope> {
  const prepared = prepareEnvelope({ payload, chain: signer.chain });
  return prepared.finish(await signer.sign(prepared.toBeSigned, prepared.algorithm));
}

/** A publisher that the service keeps for an organization. */
export interface HostedPublisher {
  /** DER of the publisher anchor, which the organization's claims name. */
  readonly anchor: Uint8Array;
  /** The end of the publisher's own certificate. */
  readonly expires: UnixSeconds;
}

/** Which of the anchors that the service keeps the keys of. */
export interface HostedAnchor {
  readonly organization: OrganizationId;
  /** SHA-256 of the anchor's SubjectPublicKeyInfo. */
  readonly keyDigest: Digest;
}

/** The keys of the management side. It signs nothing with a responder's. */
export interface ManagementKeys {
  /** The claim authority that lasts longest, valid now and not revoked. @throws SignerError */
  claimAuthority(now: UnixSeconds): Promise<Signer>;
  /** The publisher under a hosted anchor, valid now; renewed from its anchor when it ends soon. @throws SignerError */
  publisher(anchor: HostedAnchor, now: UnixSeconds): Promise<Signer>;
  /** Whether this instance has the keys of a hosted anchor: they are files, and another instance may have made them. @throws SignerError `signer-unreadable` */
  hasPublisher(anchor: HostedAnchor): boolean;
  /** New keys for an organization: anchor and publisher, stored. Keys that were left behind under this name are set aside. */
  createPublisher(organization: OrganizationId, now: UnixSeconds): Promise<HostedPublisher>;
  /** More keys for an organization: another anchor and publisher, stored beside those that it has. */
  addPublisher(organization: OrganizationId, now: UnixSeconds): Promise<HostedPublisher>;
  /** How long the certificates of a role in store last, those that are revoked apart. Reads certificates, never keys; what it may not read is a warning. */
  state(role: SignerPurpose, now: UnixSeconds): Promise<SignerState>;
}

/** What there is of a role's certificates. */
export interface SignerState {
  /** When the last one ends; null without one. */
  readonly lastEnd: UnixSeconds | null;
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/** The signers that a service anchor issues. */
export type SignerPurpose = 'responder' | 'claim-authority';

/** Why a key cannot sign. */
export type SignerErrorCode =
  | 'signer-missing'
  | 'signer-expired'
  | 'signer-permissions'
  | 'signer-mismatch'
  | 'signer-unreadable'
  | 'signer-revoked'
  /** A revocation list that is none, is not of this service, or is too long. */
  | 'revocations'
  /** A revocation list that is older than the one that is there, or leaves out what that one names. */
  | 'revocations-rollback';

/** A key cannot be used; the message is a sentence that says what to do and never quotes the key. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  readonly code: SignerErrorCode;

  constructor(code: SignerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
