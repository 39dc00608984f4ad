// The responder: the one key of the device side. Its certificates last a month each and lie in a directory, several in advance;
// the one that is valid now and lasts longest signs, and what is added to the directory is found without a restart.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type Envelope,
  formatTime,
  openEnvelope,
  ProtocolError,
  type RevocationList,
  type ServiceName,
  type UnixSeconds,
  verifySigner,
} from '@windlass/protocol';
import { type Certificate, trustAnchor } from '@windlass/x509';
import { timeOf } from '../certificates.ts';
import { loadFileSigner } from './file.ts';
import { type Signer, SignerError, signEnvelope } from './ports.ts';
import type { Revocations } from './revocations.ts';

/** Signs decisions and acknowledgements. Keys stay behind it, wherever they are. */
export interface Responder {
  /** The envelope of `payload`, by the responder that is valid at `now`, not revoked, and lasts longest. @throws SignerError */
  sign(payload: string, now: UnixSeconds): Promise<Envelope>;
  /** How long it can go on. */
  health(now: UnixSeconds): Promise<ResponderHealth>;
}

/** How long responders last, and what is wrong with them. */
export interface ResponderHealth {
  /** The end of the last responder in store; null without one. */
  readonly expires: UnixSeconds | null;
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/** Where responders are, and what they must be. */
export interface ResponderOptions {
  /** D/keys/responders: NAME.pem with NAME.key beside it. */
  readonly directory: string;
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly revocations: Revocations;
  /** Milliseconds on a monotonic clock, for how often the directory is looked at. */
  readonly monotonic?: () => number;
}

/** From how many seconds before the end of the last responder on health warns. */
export const RESPONDER_WARNING_SECONDS = 10 * 86_400;
const LOOK_AGAIN_MILLISECONDS = 5_000;

/** A responder from files. A file that is no responder of this service is left out, and health says so; one that is revoked is, too. */
export function openResponder(options: ResponderOptions): Responder {
  const { monotonic = () => performance.now(), revocations, directory } = options;
  let store: ResponderStore = { ...NOTHING, signature: null, looked: Number.NEGATIVE_INFINITY, lists: [] };
  let looking: Promise<ResponderStore> | null = null;
  const look = async (): Promise<ResponderStore> => {
    const isRecent = monotonic() - store.looked < LOOK_AGAIN_MILLISECONDS;
    if (isRecent && store.lists === revocations.lists()) return store;
    looking ??= reload(options, store, monotonic()).finally(() => {
      looking = null;
    });
    store = await looking;
    return store;
  };
  return {
    sign: async (payload, now) => signEnvelope(validNow(await look(), directory, now), payload),
    health: async (now) => {
      const warnings = revocations.problems();
      return warnings.length > 0 ? { expires: null, warnings } : healthOf(await look(), directory, now);
    },
  };
}

/** What was found in the directory. */
interface FoundResponders {
  readonly responders: readonly Signer[];
  readonly revoked: readonly Signer[];
  /** A sentence for each file that cannot be used. */
  readonly broken: readonly string[];
}

interface ResponderStore extends FoundResponders {
  /** Names, sizes and times of the files; null before the first look. */
  readonly signature: string | null;
  readonly looked: number;
  /** By which it was found out who is revoked. */
  readonly lists: readonly RevocationList[];
}

const NOTHING: FoundResponders = { responders: [], revoked: [], broken: [] };

async function reload(options: ResponderOptions, before: ResponderStore, looked: number): Promise<ResponderStore> {
  const lists = options.revocations.lists();
  const files = await filesIn(options.directory);
  const signature = JSON.stringify(files);
  if (signature === before.signature && lists === before.lists) return { ...before, looked };
  const names = files.map(([name]) => name).filter((name) => name.endsWith('.pem'));
  return { signature, looked, lists, ...(await loadResponders(names, lists, options)) };
}

async function loadResponders(
  names: readonly string[],
  lists: readonly RevocationList[],
  options: ResponderOptions,
): Promise<FoundResponders> {
  const responders: Signer[] = [];
  const revoked: Signer[] = [];
  const broken: string[] = [];
  for (const name of names) {
    try {
      const responder = await loadResponder(join(options.directory, name), options);
      if (options.revocations.names(responder.chain, lists)) {
        revoked.push(responder);
        continue;
      } // spec S14
      responders.push(responder);
    } catch (cause) {
      if (!(cause instanceof SignerError)) throw cause;
      broken.push(cause.message);
    }
  }
  return { responders, revoked, broken };
}

type FileFacts = readonly [name: string, size: number, changed: number];

async function filesIn(directory: string): Promise<readonly FileFacts[]> {
  try {
    const names = (await readdir(directory)).filter((name) => /^[^.].*\.(pem|key)$/.test(name)).sort();
    return await Promise.all(
      names.map(async (name): Promise<FileFacts> => {
        const { size, ctimeMs } = await stat(join(directory, name));
        return [name, size, ctimeMs];
      }),
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new SignerError('signer-unreadable', `${directory} cannot be read: check its owner and permissions.`, {
      cause,
    });
  }
}

/** Signs a trial message and checks it as a device would, but for the time: a wrong key, purpose or name is found now. */
async function loadResponder(file: string, { service, serviceAnchors }: ResponderOptions): Promise<Signer> {
  const signer = loadFileSigner({ certificate: file, key: file.replace(/pem$/, 'key') });
  const time = signer.chain[0] === undefined ? undefined : timeOf(signer.chain[0].notBefore);
  try {
    if (time === undefined) throw new SignerError('signer-unreadable', `${file} has no certificate.`);
    const anchors = serviceAnchors.map((anchor) => trustAnchor(anchor));
    const opened = openEnvelope(await signEnvelope(signer, '{"type":"trial"}'), 'responder');
    verifySigner(opened, { role: 'responder', anchors, time, service });
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const detail = `${file} is not a responder of ${service} that devices would accept (${cause.code})`;
    throw new SignerError(
      'signer-mismatch',
      `${detail}: issue a new one with "windlass signer issue --role responder".`,
      {
        cause,
      },
    );
  }
  return signer;
}

function endOf({ chain }: Signer): UnixSeconds {
  return timeOf(Math.min(...chain.map(({ notAfter }) => notAfter)));
}

function startOf({ chain }: Signer): UnixSeconds {
  return timeOf(Math.max(...chain.map(({ notBefore }) => notBefore)));
}

const REMEDY =
  'issue more with "windlass signer issue --role responder" and "windlass signer install", which also hands over those that wait';

function isValidAt(responder: Signer, now: UnixSeconds): boolean {
  return startOf(responder) <= now && now <= endOf(responder);
}

function validNow({ responders, revoked }: ResponderStore, directory: string, now: UnixSeconds): Signer {
  const valid = responders.filter((responder) => isValidAt(responder, now));
  const [longest] = [...valid].sort((a, b) => endOf(b) - endOf(a));
  if (longest !== undefined) return longest;
  if (revoked.some((responder) => isValidAt(responder, now)))
    throw new SignerError('signer-revoked', `The responder in ${directory} that is valid now is revoked: ${REMEDY}.`);
  const code = responders.length === 0 ? 'signer-missing' : 'signer-expired';
  throw new SignerError(code, `No responder in ${directory} is valid now: ${REMEDY}.`);
}

function healthOf(
  { responders, revoked, broken }: ResponderStore,
  directory: string,
  now: UnixSeconds,
): ResponderHealth {
  // Only names of files, not where they are: health is public.
  const warnings = broken.map((sentence) => sentence.replaceAll(directory, basename(directory)));
  const last = responders.length === 0 ? null : timeOf(Math.max(...responders.map(endOf)));
  const isLeft = responders.some((responder) => isValidAt(responder, now));
  const isRevoked = revoked.some((responder) => isValidAt(responder, now));
  if (!isLeft && isRevoked)
    return { expires: last, warnings: [...warnings, `The responder that is valid now is revoked: ${REMEDY}.`] };
  if (last === null) return { expires: null, warnings: [...warnings, `There is no responder: ${REMEDY}.`] };
  const expires = formatTime(last);
  if (!isLeft)
    return {
      expires: last,
      warnings: [...warnings, `No responder is valid now, the last ends ${expires}: ${REMEDY}.`],
    };
  if (last - now >= RESPONDER_WARNING_SECONDS) return { expires: last, warnings };
  return { expires: last, warnings: [...warnings, `The last responder ends ${expires}: ${REMEDY}.`] };
}
