// Made-up chains: a root, CAs below it, a leaf, and what is asked of them.

import { sha256 } from '../../bytes.ts';
import { derTypes as der } from '../../der-types.ts';
import { parseIp } from '../../ip.ts';
import { encodeName } from '../../issue.ts';
import { ascii, DAY, generalName, SERVER_AUTH } from '../examination.ts';
import { NOW } from '../test-certificates.ts';
import { buildCertificate, type Draft, type DraftExtension, type Id } from './draft.ts';
import { altNames, basicConstraints, keyUsage, purposes, SOUND } from './extensions.ts';
import type { KeyKind, KeyPool } from './keys.ts';
import type { SigningName } from './signing.ts';

/** A question for verifiers, and the certificates that belong to it. */
export interface Chain {
  readonly drafts: Readonly<Record<Id, Draft>>;
  readonly anchors: readonly Id[];
  /** In the order in which they are given. */
  readonly intermediates: readonly Id[];
  readonly leaf: Id;
  /** A DNS name or an address. */
  readonly host: string;
  /** Unix seconds. */
  readonly time: number;
}

/** The same as bytes. */
export interface BuiltChain {
  readonly anchors: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  readonly leaf: Uint8Array;
  readonly host: string;
  readonly time: number;
}

/** What can differ among chains that are sound. */
export interface ChainShape {
  readonly intermediates: number;
  /** Root, CAs from above, leaf; `p256` where the list ends. */
  readonly kinds?: readonly KeyKind[];
  /** Of the certificates from the root down; the usual one of the key where the list ends. */
  readonly signings?: readonly (SigningName | undefined)[];
  readonly host?: string;
  /** Extensions that mean nothing here, on all certificates. */
  readonly more?: readonly DraftExtension[];
}

/** The host that chains are for unless they say otherwise. */
export const HOST = 'device.example.com';
/** Short, so that all of them are valid at all times of a test. */
const VALID = { notBefore: NOW - 10 * DAY, notAfter: NOW + 10 * DAY };

/** A chain that every verifier accepts. */
export function soundChain({ intermediates, kinds = [], signings = [], host = HOST, more = [] }: ChainShape): Chain {
  const cas = Array.from({ length: intermediates }, (_, i) => `ca${i + 1}`);
  const ids = ['root', ...cas, 'leaf'];
  const drafts = ids.map((id, i): [Id, Draft] => {
    const usual = id === 'leaf' ? soundLeaf(host) : soundCa(id);
    const issuedBy = ids[i - 1] ?? 'root';
    const key = { owner: id, kind: kinds[i] ?? 'p256' };
    const signing = signings[i];
    const draft = { ...usual, issuedBy, key, extensions: [...usual.extensions, ...more] };
    return [id, signing === undefined ? draft : { ...draft, signing }];
  });
  // As TLS servers send them: the issuer after what it issued.
  const chain = { anchors: ['root'], intermediates: cas.reverse(), leaf: 'leaf', host, time: NOW };
  return { drafts: Object.fromEntries(drafts), ...chain };
}

/** The chain's draft; a bug when there is none. */
export function draftOf({ drafts }: Chain, id: Id): Draft {
  const draft = drafts[id];
  if (!draft) throw new Error(`The chain has no certificate "${id}".`);
  return draft;
}

/** The chain with another draft there. */
export function withDraft(chain: Chain, id: Id, draft: Draft): Chain {
  return { ...chain, drafts: { ...chain.drafts, [id]: draft } };
}

/** All certificates of the chain, made and signed. */
export function buildChain(chain: Chain, pool: KeyPool): BuiltChain {
  const made = new Map<Id, Uint8Array>();
  const build = (id: Id): Uint8Array => {
    const draft = draftOf(chain, id);
    const certificate = made.get(id) ?? buildCertificate(draft, draftOf(chain, draft.issuedBy), pool);
    made.set(id, certificate);
    return certificate;
  };
  const { host, time } = chain;
  const [anchors, intermediates] = [chain.anchors.map(build), chain.intermediates.map(build)];
  return { anchors, intermediates, leaf: build(chain.leaf), host, time };
}

/** A CA of this name that signed itself. */
export function soundCa(name: string): Draft {
  return {
    issuedBy: name,
    key: { owner: name, kind: 'p256' },
    subject: encodeName([
      { type: 'O', value: 'Differential' },
      { type: 'CN', value: name },
    ]),
    serial: der.integer(sha256(ascii(name)).slice(0, 8)),
    ...VALID,
    identifiers: new Uint8Array(),
    extensions: [
      basicConstraints(der.boolean(true)),
      keyUsage('keyCertSign', 'cRLSign'),
      SOUND['subject-key-identifier'],
      SOUND['authority-key-identifier'],
    ],
    changes: {},
  };
}

function soundLeaf(host: string): Draft {
  const name = parseIp(host) ? generalName.address(host) : generalName.dns(host);
  return {
    ...soundCa('leaf'),
    extensions: [
      keyUsage('digitalSignature'),
      purposes(SERVER_AUTH),
      altNames(name, generalName.dns('other.example.com')),
      SOUND['subject-key-identifier'],
      SOUND['authority-key-identifier'],
    ],
  };
}
