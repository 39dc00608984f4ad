// What the suites ask: chains to be believed or not, signatures to be verified or not.

import type { SignatureAlgorithm } from '../../index.ts';
import type { Concern } from './concern.ts';

/** What a case wants, and what a verifier says. */
export type Outcome = 'accepted' | 'refused';

/** What a score needs to know of a case. */
export interface Case {
  readonly id: string;
  readonly wanted: Outcome;
  /** What goes wrong where the case is accepted although it must be refused. */
  readonly concern: Concern;
  /** A deviation is only a warning: upstream says so. */
  readonly isSoft: boolean;
}

/** A name that the leaf must have. */
export interface Host {
  readonly kind: 'dns' | 'ip';
  readonly value: string;
}

/** A chain; all certificates and lists are DER, and any of them may be malformed. */
export interface PathCase extends Case {
  /** Unix seconds, maybe with a fraction; absent: now. */
  readonly time: number | undefined;
  /** Which end of a TLS connection the leaf is. */
  readonly end: 'server' | 'client';
  readonly hosts: readonly Host[];
  readonly emails: readonly string[];
  /** The purpose asked for, as an OID. */
  readonly purpose: string | undefined;
  readonly maxIntermediates: number | undefined;
  readonly roots: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  readonly leaf: Uint8Array;
  readonly crls: readonly Uint8Array[];
  /** PEM, where the suite has it. */
  readonly leafKey: string | undefined;
  /** A feature that Windlass does not have and the case is about. */
  readonly unsupported: string | undefined;
}

/** A signature. */
export interface SignatureCase extends Case {
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** Valid by the suite, refused because the algorithm is not on our allow-list. */
  readonly isOffList: boolean;
}

/** Cases that are scored together. */
export type Suite =
  | { readonly kind: 'paths'; readonly name: string; readonly cases: readonly PathCase[] }
  | { readonly kind: 'signatures'; readonly name: string; readonly cases: readonly SignatureCase[] };

/** The suites of chains: what the peers are asked, too. */
export type PathSuite = Extract<Suite, { kind: 'paths' }>;
