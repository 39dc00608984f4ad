// What the device side works with, and which devices it knows.
import type { Digest, KnownDevices, ServiceName, UnixSeconds } from '@windlass/protocol';
import { type Certificate, parseCertificate } from '@windlass/x509';
import { fingerprintOf } from './certificates.ts';
import type { Responder } from './signer/responder.ts';
import type { DeviceStore } from './store/device-ports.ts';
import type { ManagementReader } from './store/ports.ts';

/** The device side: its database, what it reads of the management side, its one key, and the time. */
export interface DeviceSide {
  readonly service: ServiceName;
  readonly store: DeviceStore;
  readonly management: ManagementReader;
  readonly responder: Responder;
  /** SHA-256 of the SPKI of each certificate that the service shows on HTTPS. */
  readonly ownKeys: ReadonlySet<Digest>;
  /** When a device with a profile asks again. */
  readonly refreshSeconds: number;
  /** When a device without one asks again. */
  readonly retrySeconds: number;
  /** The certificate of DER that was checked before it was stored. */
  readonly certificateOf: (der: Uint8Array) => Certificate;
  readonly now: () => UnixSeconds;
}

/**
 * What `verify` makes of the message, with the devices that are known now. A self-signed device is asked for in the database
 * only after its name came up. @throws what `verify` throws
 */
export async function verifyKnown<Verified>(
  { service, management, certificateOf }: DeviceSide,
  now: UnixSeconds,
  verify: (known: KnownDevices) => Verified,
): Promise<Verified> {
  const manufacturers = (await management.manufacturers()).map(({ certificate }) => certificateOf(certificate));
  let asked: Digest | null = null;
  const isRegisteredKey = (key: Digest) => {
    asked = key;
    return false;
  };
  try {
    return verify({ service, now, manufacturers, isRegisteredKey });
  } catch (refused) {
    if (asked === null || !(await management.isRegisteredKey(asked))) throw refused;
    const registered = asked;
    return verify({ service, now, manufacturers, isRegisteredKey: (key) => key === registered });
  }
}

const MAX_CACHED_CERTIFICATES = 4_096;

/** Parses certificates and keeps them: manufacturers and inspection CAs come up in every request. */
export function cacheCertificates(): (der: Uint8Array) => Certificate {
  const cache = new Map<string, Certificate>();
  return (der) => {
    const fingerprint = fingerprintOf(der);
    const cached = cache.get(fingerprint);
    if (cached !== undefined) return cached;
    if (cache.size >= MAX_CACHED_CERTIFICATES) cache.clear();
    const certificate = parseCertificate(der);
    cache.set(fingerprint, certificate);
    return certificate;
  };
}
