// After a reset: what shows that no anchor of ours is in a store any more, found out from the store itself and not from what we believe.
import { X509Certificate } from 'node:crypto';
import { type Digest, digestOf, ProtocolError, parseSecurityProfile, type ServiceName } from '@windlass/protocol';
import { orRefusal } from '../active-trust.ts';
import { type Agent, trustView } from '../agent.ts';
import type { FileSystem } from '../ports.ts';
import { diskFiles } from '../state/file-system.ts';
import { codeOf } from '../transport/path-error.ts';
import { OWN_MARK } from '../trust-store/bundle.ts';

/** What one store was found to have. */
export interface Absence {
  readonly name: string;
  readonly path: string;
  /** As it was read back; `unreadable`: nothing is known. */
  readonly content: 'no-anchor' | 'no-file' | 'anchors' | 'unreadable';
  /** SPKI digests of anchors of held profiles that are in it. */
  readonly anchors: readonly Digest[];
  /** Those of them that are the system's roots themselves: nobody got them from us, and no reset takes them away. */
  readonly systemRoots: readonly Digest[];
  /**
   * A handshake with the service by Node's TLS that trusts this store alone. `refused: CODE`; `by-root`: a root of the system vouches, nobody
   * inspects; `trusted`: what signs here is trusted by the store, and by no root; `none: stage, reason`: there was no handshake.
   */
  readonly handshake: string;
}

/** SPKI digests of the inspection CAs of all held profiles, active or not. */
export function heldAnchors({ state, identity }: Agent): readonly Digest[] {
  const { holding, previous } = state.current;
  const held = [...holding.profiles, ...(previous?.profiles ?? [])];
  return [...new Set(held.flatMap(({ envelope }) => anchorsOf(envelope.payload, identity.service)))];
}

/** None of a profile that this agent cannot read: it never gave any of its anchors to a store. */
function anchorsOf(payload: string, service: ServiceName): readonly Digest[] {
  const profile = orRefusal(() => parseSecurityProfile(payload, service));
  return profile instanceof ProtocolError ? [] : profile.inspectionCas.flatMap(({ certificate }) => keyIn(certificate));
}

export interface AbsenceOptions {
  readonly stores: readonly { readonly name: string; readonly path: string }[];
  /** What was held before. */
  readonly anchors: readonly Digest[];
  /** DER. */
  readonly systemRoots: readonly Uint8Array[];
  readonly files?: FileSystem;
}

/** What each store shows. */
export async function proveAbsence(agent: Agent, options: AbsenceOptions): Promise<readonly Absence[]> {
  const isByRoot = options.anchors.length > 0 && (await isValidatedByRoot(agent));
  return Promise.all(options.stores.map((store) => proveOne(agent, options, store, isByRoot)));
}

/** It shows what a reset promises. */
export function isProved({ content, handshake }: Absence): boolean {
  return (content === 'no-anchor' || content === 'no-file') && handshake !== 'trusted';
}

async function proveOne(
  { transport }: Agent,
  { anchors, systemRoots, files = diskFiles }: AbsenceOptions,
  { name, path }: AbsenceOptions['stores'][number],
  isByRoot: boolean,
): Promise<Absence> {
  const found = { name, path, anchors: [], systemRoots: [], handshake: 'none: nothing was held' };
  let text: string | undefined;
  try {
    text = files.read(path)?.toString();
  } catch (error) {
    return { ...found, content: 'unreadable', handshake: `none: ${codeOf(error)}` };
  }
  if (text === undefined) return { ...found, content: 'no-file', handshake: 'none: no file' };
  const there = keysIn(text);
  const roots = systemRoots.flatMap(keyIn);
  const [ours, theirs] = [false, true].map((isRoot) =>
    anchors.filter((key) => there.includes(key) && roots.includes(key) === isRoot),
  );
  const content = text.includes(OWN_MARK) || ours?.length ? 'anchors' : 'no-anchor';
  const shown = { ...found, content, anchors: ours ?? [], systemRoots: theirs ?? [] } as const;
  return anchors.length === 0 ? shown : { ...shown, handshake: handshakeOf(await transport.prove(text), isByRoot) };
}

function handshakeOf(failed: string | null, isByRoot: boolean): string {
  if (failed === null) return isByRoot ? 'by-root' : 'trusted';
  return `${/^[A-Z]/.test(failed) ? 'refused' : 'none'}: ${failed}`;
}

async function isValidatedByRoot(agent: Agent): Promise<boolean> {
  const connection = await agent.transport.connect('https', trustView(agent, []));
  if ('cause' in connection) return false;
  connection.close();
  return connection.rung === 1;
}

/** Of every certificate in the text that can be read, whatever else is in it. */
function keysIn(text: string): readonly Digest[] {
  return [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].flatMap(([, base64 = '']) =>
    keyIn(Buffer.from(base64, 'base64')),
  );
}

function keyIn(der: Uint8Array): readonly Digest[] {
  try {
    return [digestOf(new X509Certificate(der).publicKey.export({ format: 'der', type: 'spki' }))];
  } catch {
    return [];
  }
}
