// The responder: the one key of the device side. Its certificates last a month each and lie in a directory, several in advance;
// the one that is valid now and lasts longest signs, and what is added to the directory is found without a restart.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type Envelope,
  formatTime,
  openEnvelope,
  ProtocolError,
  type ServiceName,
  type UnixSeconds,
  verifySigner,
} from '@windlass/protocol';
import { type Certificate, trustAnchor } from '@windlass/x509';
import { timeOf } from '../certificates.ts';
import { loadFileSigner } from './file.ts';
import { type Signer, SignerError, signEnvelope } from './ports.ts';

/** Signs decisions and acknowledgements. Keys stay behind it, wherever they are. */
export interface Responder {
  /** The envelope of `payload`, by the responder that is valid at `now` and lasts longest. @throws SignerError `signer-missing` */
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
  /** Milliseconds on a monotonic clock, for how often the directory is looked at. */
  readonly monotonic?: () => number;
}

/** From how many seconds before the end of the last responder on health warns. */
export const RESPONDER_WARNING_SECONDS = 10 * 86_400;
const LOOK_AGAIN_MILLISECONDS = 5_000;

/** A responder from files. A file that is no responder of this service is left out, and health says so. */
export function openResponder(options: ResponderOptions): Responder {
  const { monotonic = () => performance.now() } = options;
  let store: ResponderStore = { signature: null, looked: Number.NEGATIVE_INFINITY, responders: [], broken: [] };
  let looking: Promise<ResponderStore> | null = null;
  const look = async (): Promise<ResponderStore> => {
    if (monotonic() - store.looked < LOOK_AGAIN_MILLISECONDS) return store;
    looking ??= reload(options, store, monotonic()).finally(() => {
      looking = null;
    });
    store = await looking;
    return store;
  };
  return {
    sign: async (payload, now) => signEnvelope(validNow((await look()).responders, options.directory, now), payload),
    health: async (now) => healthOf(await look(), options.directory, now),
  };
}

interface ResponderStore {
  /** Names, sizes and times of the files; null before the first look. */
  readonly signature: string | null;
  readonly looked: number;
  readonly responders: readonly Signer[];
  /** A sentence for each file that cannot be used. */
  readonly broken: readonly string[];
}

async function reload(options: ResponderOptions, before: ResponderStore, looked: number): Promise<ResponderStore> {
  const files = await filesIn(options.directory);
  const signature = JSON.stringify(files);
  if (signature === before.signature) return { ...before, looked };
  const responders: Signer[] = [];
  const broken: string[] = [];
  for (const name of files.map(([file]) => file).filter((file) => file.endsWith('.pem'))) {
    try {
      responders.push(await loadResponder(join(options.directory, name), options));
    } catch (cause) {
      if (!(cause instanceof SignerError)) throw cause;
      broken.push(cause.message);
    }
  }
  return { signature, looked, responders, broken };
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

function validNow(responders: readonly Signer[], directory: string, now: UnixSeconds): Signer {
  const valid = responders.filter((responder) => startOf(responder) <= now && now <= endOf(responder));
  const [longest] = [...valid].sort((a, b) => endOf(b) - endOf(a));
  if (longest !== undefined) return longest;
  const code = responders.length === 0 ? 'signer-missing' : 'signer-expired';
  throw new SignerError(code, `No responder in ${directory} is valid now: ${REMEDY}.`);
}

function healthOf({ responders, broken }: ResponderStore, directory: string, now: UnixSeconds): ResponderHealth {
  // Only names of files, not where they are: health is public.
  const warnings = broken.map((sentence) => sentence.replaceAll(directory, basename(directory)));
  if (responders.length === 0) return { expires: null, warnings: [...warnings, `There is no responder: ${REMEDY}.`] };
  const last = timeOf(Math.max(...responders.map(endOf)));
  const expires = formatTime(last);
  const valid = responders.some((responder) => startOf(responder) <= now && now <= endOf(responder));
  if (!valid)
    return {
      expires: last,
      warnings: [...warnings, `No responder is valid now, the last ends ${expires}: ${REMEDY}.`],
    };
  if (last - now >= RESPONDER_WARNING_SECONDS) return { expires: last, warnings };
  return { expires: last, warnings: [...warnings, `The last responder ends ${expires}: ${REMEDY}.`] };
}
