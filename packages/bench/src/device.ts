/** A device in our hands: what the factory put into its directory, the messages that it signs, and its checks of the answers. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AcceptedClaim,
  type AcceptedProfile,
  acceptAcknowledgement,
  acceptAnswer,
  type BootstrapRequest,
  type DeviceId,
  type Digest,
  digestOf,
  encodeEnvelope,
  encodeReport,
  encodeRequest,
  type Floors,
  keyOf,
  NO_FLOORS,
  type Nonce,
  parseDigest,
  parseNonce,
  parseSerial,
  parseServiceName,
  prepareEnvelope,
  unixSeconds,
} from '@windlass/protocol';
import { type Certificate, parseCertificate, parsePem } from '@windlass/x509';
import { serviceName } from './installation.ts';

export interface SignedRequest {
  readonly body: string;
  readonly payload: string;
  readonly nonce: Nonce;
}

export interface SignedReport {
  readonly body: string;
  readonly payload: string;
  readonly counter: number;
}

/** What a device has after an answer that granted it something. */
export interface Held {
  readonly claim: AcceptedClaim;
  readonly profile: AcceptedProfile;
  readonly floors: Floors;
}

export interface DeviceInHand {
  /** With a new nonce. What the device holds is named in it; null: it is fresh from the factory. */
  readonly request: (presentedChain: readonly Uint8Array[], held: Held | null) => SignedRequest;
  /** The answer passed every check of a device, and grants. @throws ProtocolError, or Error for another outcome */
  readonly accept: (answer: Uint8Array, to: SignedRequest, held: Held | null) => Held;
  /** The report of a device on which all went well. */
  readonly report: (held: Held, nonce: Nonce, counter: number) => SignedReport;
  /** @throws ProtocolError when the answer does not acknowledge this report */
  readonly acceptAcknowledgement: (answer: Uint8Array, to: SignedReport) => void;
}

interface Identity {
  readonly device: DeviceId;
  readonly deviceKey: Digest;
  readonly serviceAnchors: readonly Certificate[];
}

const service = parseServiceName(serviceName);
const start = unixSeconds(0);
const clock = { state: 'untrusted', time: start } as const;
const agent = { version: '0.1.0' };
const storeName = 'bundle';

/** The device whose directory `windlass factory device` made with a P-256 key; `serial` is the one that was given. */
export async function openDevice(directory: string, serial: string): Promise<DeviceInHand> {
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const chain = certificatesOf(await read('device.pem'));
  const key = createPrivateKey(await read('device.key'));
  const identity = {
    device: { manufacturer: parseDigest(manufacturerOf(await read('agent.json'))), serial: parseSerial(serial) },
    deviceKey: digestOf(chain[0]?.publicKey.der ?? new Uint8Array()),
    serviceAnchors: certificatesOf(await read('service-anchor.pem')),
  };
  const signed = (payload: string): string => {
    const prepared = prepareEnvelope({ payload, chain });
    return encodeEnvelope(prepared.finish(sign('sha256', prepared.toBeSigned, key)));
  };
  return {
    request: (presentedChain, held) => {
      const nonce = parseNonce(randomBytes(32).toString('base64'));
      const payload = encodeRequest(requestOf(identity.device, { nonce, presentedChain, held }));
      return { body: signed(payload), payload, nonce };
    },
    accept: (answer, request, held) => accept(identity, { answer, request, held }),
    report: (held, nonce, counter) => {
      const payload = encodeReport(reportOf(identity.device, { held, nonce, counter }));
      return { body: signed(payload), payload, counter };
    },
    acceptAcknowledgement: (answer, { payload, counter }) => {
      acceptAcknowledgement(answer, {
        service,
        ...identity,
        report: digestOf(payload),
        counter,
        floor: start,
        clock,
        revocations: [],
      });
    },
  };
}

function requestOf(
  device: DeviceId,
  {
    nonce,
    presentedChain,
    held,
  }: { readonly nonce: Nonce; readonly presentedChain: readonly Uint8Array[]; readonly held: Held | null },
): BootstrapRequest {
  const failure = presentedChain.length > 0 ? 'unknown-issuer' : 'timeout';
  const path = { rung: 3, failure, presentedChain } as const;
  return { service, device, nonce, holds: holdsOf(held), clock, path, agent: { ...agent, stores: [storeName] } };
}

function holdsOf(held: Held | null): BootstrapRequest['holds'] {
  if (held === null) return { profiles: [] };
  const { claim, profile } = held;
  const { network, epoch, sequence } = profile.profile;
  return {
    claim: { generation: claim.claim.generation, digest: claim.digest },
    profiles: [{ network, epoch, sequence, digest: profile.digest }],
  };
}

function accept(
  identity: Identity,
  {
    answer,
    request,
    held,
  }: { readonly answer: Uint8Array; readonly request: SignedRequest; readonly held: Held | null },
): Held {
  const accepted = acceptAnswer(answer, {
    ...identity,
    ...{ service, clock, lastNonce: null, floors: held?.floors ?? NO_FLOORS(start) },
    request: { payload: request.payload, nonce: request.nonce, ageSeconds: 1, handCarried: false },
    held: held ? { claim: held.claim.envelope, profiles: [held.profile.envelope] } : { profiles: [] },
  });
  if (accepted.kind !== 'granted') throw new Error(`the service did not grant: ${accepted.kind}`);
  return accepted;
}

function reportOf(
  device: DeviceId,
  { held, nonce, counter }: { readonly held: Held; readonly nonce: Nonce; readonly counter: number },
): Parameters<typeof encodeReport>[0] {
  const { organization, network } = held.profile.profile;
  const anchors = held.profile.inspectionCas.map(({ certificate }) => keyOf(certificate));
  return {
    ...{
      service,
      device,
      nonce,
      counter,
      clock,
      rung: 1,
      organization,
      network,
      profile: held.profile.digest,
      removed: [],
      endpoints: [],
      agent,
    },
    phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
    stores: [{ name: storeName, kind: 'bundle', state: 'effective', scopeEnforced: false, anchors }],
  };
}

function certificatesOf(pem: string): readonly Certificate[] {
  return parsePem(pem).map(({ der }) => parseCertificate(der));
}

function manufacturerOf(configuration: string): unknown {
  const value: unknown = JSON.parse(configuration);
  return typeof value === 'object' && value !== null && 'manufacturer' in value ? value.manufacturer : undefined;
}
