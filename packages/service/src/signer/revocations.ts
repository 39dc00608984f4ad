// Who is revoked, as a running service knows it: D/revocations.pem, looked at again without a restart. Who is on a list signs nothing;
// a file that cannot be used stops what signs, because nobody knows then who is on it. @see spec S14
import { basename } from 'node:path';
import {
  type Envelope,
  isRevoked,
  openEnvelope,
  ProtocolError,
  type RevocationList,
  type SignerRole,
} from '@windlass/protocol';
import { type Certificate, isSignedBy } from '@windlass/x509';
import { SignerError } from './ports.ts';
import { factsOf, openRevocationFileIfAny, type RevocationFile } from './revocation-file.ts';

/** The lists in force. */
export interface Revocations {
  /** The same array as long as the file is the same; empty without a file. @throws SignerError: the file is there and cannot be used */
  lists(): readonly RevocationList[];
  /** Whether these lists, or all in force, name a certificate of the chain, which leads to a service anchor. @throws SignerError as `lists` */
  names(chain: readonly Certificate[], lists?: readonly RevocationList[]): boolean;
  /** A sentence for what keeps `lists` from answering, without where the file is: health is public. */
  problems(): readonly string[];
}

/** Where the lists are, and who makes them. */
export interface RevocationOptions {
  readonly file: string;
  readonly serviceAnchors: readonly Certificate[];
  /** Milliseconds on a monotonic clock, for how often the file is looked at. */
  readonly monotonic?: () => number;
}

const LOOK_AGAIN_MILLISECONDS = 5_000;

/** The lists of the file, which may come later. Nothing is read before it is asked for. */
export function openRevocations(options: RevocationOptions): Revocations {
  const { file, serviceAnchors, monotonic = () => performance.now() } = options;
  let look: Look = { facts: null, looked: Number.NEGATIVE_INFINITY, lists: [], problem: null };
  const lists = (): readonly RevocationList[] => {
    if (monotonic() - look.looked >= LOOK_AGAIN_MILLISECONDS) look = lookAgain(options, look, monotonic());
    if (look.problem !== null) throw look.problem; // spec S14
    return look.lists;
  };
  return {
    lists,
    names: (chain, some = lists()) => isNamed(chain, some, serviceAnchors),
    problems: () => problemsOf(lists).map((sentence) => sentence.replaceAll(file, basename(file))),
  };
}

/** What was found when the file was looked at. */
interface Look {
  /** See `factsOf`; null without a file. */
  readonly facts: string | null;
  readonly looked: number;
  readonly lists: readonly RevocationList[];
  readonly problem: SignerError | null;
}

function lookAgain({ file, serviceAnchors }: RevocationOptions, before: Look, looked: number): Look {
  try {
    const facts = factsOf(file);
    if (facts === before.facts && before.problem === null) return { ...before, looked };
    return { facts, looked, lists: openRevocationFileIfAny(installedFile(file), serviceAnchors), problem: null };
  } catch (cause) {
    if (!(cause instanceof SignerError)) throw cause;
    return { facts: null, looked, lists: [], problem: cause };
  }
}

/** The service's own file of lists: what to do when it cannot be used. */
export function installedFile(file: string): RevocationFile {
  const remedy =
    'remove it, and install the list that is kept with the anchor\'s key: "windlass signer install FILE --dir DIRECTORY"';
  return { file, remedy };
}

/** The certificates of who signed the envelope; none when it is not an envelope of that role, which no device takes either. */
export function signersOf(envelope: Envelope, role: SignerRole): readonly Certificate[] {
  try {
    const { signer, others } = openEnvelope(envelope, role);
    return [signer, ...others];
  } catch (cause) {
    if (cause instanceof ProtocolError) return [];
    throw cause;
  }
}

/** A list is of one anchor, and names what that anchor issued: the signer, or a CA between it and the anchor. @see spec K8 */
function isNamed(
  chain: readonly Certificate[],
  lists: readonly RevocationList[],
  anchors: readonly Certificate[],
): boolean {
  return chain.some((certificate) =>
    anchors.some(({ publicKey }) => isRevoked(certificate, publicKey, lists) && isSignedBy(certificate, publicKey)),
  );
}

function problemsOf(lists: () => unknown): readonly string[] {
  try {
    lists();
    return [];
  } catch (cause) {
    if (cause instanceof SignerError) return [cause.message];
    throw cause;
  }
}
