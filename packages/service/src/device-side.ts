// What the device side works with, and which devices it knows.
import {
  type DeviceId,
  type Digest,
  type KnownDevices,
  ProtocolError,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import { type Certificate, cachingParser } from '@windlass/x509';
import type { DeviceQuota } from './device-quota.ts';
import type { Responder } from './signer/responder.ts';
import type { Revocations } from './signer/revocations.ts';
import type { DeviceStore } from './store/device-ports.ts';
import type { ManagementReader } from './store/ports.ts';

/** The device side: its database, what it reads of the management side, its one key, and the time. */
export interface DeviceSide {
  readonly service: ServiceName;
  readonly store: DeviceStore;
  readonly management: ManagementReader;
  readonly responder: Responder;
  readonly revocations: Revocations;
  /** SHA-256 of the SPKI of each certificate that the service shows on HTTPS. */
  readonly ownKeys: ReadonlySet<Digest>;
  /** When a device with a profile asks again. */
  readonly refreshSeconds: number;
  /** When a device without one asks again. */
  readonly retrySeconds: number;
  /** The certificate of DER that was checked before it was stored. */
  readonly certificateOf: (der: Uint8Array) => Certificate;
  readonly now: () => UnixSeconds;
  /** Asked before anything is stored for a device. */
  readonly quota: DeviceQuota;
}

/** How a message of one exchange is verified, and whose it says it is. */
export interface DeviceExchange<Verified> {
  readonly verify: (known: KnownDevices) => Verified;
  readonly deviceOf: (verified: Verified) => DeviceId;
}

/**
 * What `verify` makes of the message, with the devices that are known now. A self-signed device is asked for in the database
 * only after its name came up, and is known by the serial that it was registered with alone.
 * @throws what `verify` throws; ProtocolError `device-mismatch`
 */
export async function verifyKnown<Verified>(
  { service, management, certificateOf }: DeviceSide,
  now: UnixSeconds,
  { verify, deviceOf }: DeviceExchange<Verified>,
): Promise<Verified> {
  const manufacturers = (await management.manufacturers()).map(({ certificate }) => certificateOf(certificate));
  const asked: Digest[] = [];
  const isRegisteredKey = (key: Digest) => {
    asked.push(key);
    return false;
  };
  try {
    return verify({ service, now, manufacturers, isRegisteredKey });
  } catch (refused) {
    const [registered] = asked;
    const serial = registered === undefined ? null : await management.registeredSerial(registered);
    if (serial === null) throw refused;
    const verified = verify({ service, now, manufacturers, isRegisteredKey: (key) => key === registered });
    if (deviceOf(verified).serial === serial) return verified;
    throw new ProtocolError('device-mismatch', 'The key was registered with another serial.'); // spec S2
  }
}

/** Parses certificates and keeps them: manufacturers and inspection CAs come up in every request, mostly in the same bytes. */
export function cacheCertificates(): (der: Uint8Array) => Certificate {
  const parse = cachingParser();
  const known = new WeakMap<Uint8Array, Certificate>();
  return (der) => {
    const certificate = known.get(der) ?? parse(der);
    known.set(der, certificate);
    return certificate;
  };
}
