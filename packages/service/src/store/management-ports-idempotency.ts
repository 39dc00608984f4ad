// Answers that are kept so that a request sent twice is done once, as our own types.
import type { UnixSeconds } from '@windlass/protocol';

/** Whose keys: two people may choose the same one, and so may one person in two organizations. */
export interface KeyOwner {
  readonly person: string;
  /** null: the service. */
  readonly organization: string | null;
}

/** An answer that was given under a key. */
export interface KeptAnswer {
  /** SHA-256, hexadecimal, of what was asked. */
  readonly request: string;
  /** HTTP status. */
  readonly status: number;
  /** JSON; null: it has a secret, and is not kept. */
  readonly answer: string | null;
  readonly time: UnixSeconds;
}

/** Kept answers: rows leave again. */
export interface KeptAnswerTable {
  find(owner: KeyOwner, key: string): Promise<KeptAnswer | null>;
  add(owner: KeyOwner, key: string, kept: KeptAnswer): Promise<void>;
  /** Those of that time and before, whoever's they are. */
  forget(time: UnixSeconds): Promise<void>;
  /** All of the owner's but the `newest`. */
  forgetOldest(owner: KeyOwner, newest: number): Promise<void>;
}
