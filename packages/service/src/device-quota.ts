// How much one device may have written down: whoever holds one device's key must not fill the disk, which keeps everything.
import type { DeviceId } from '@windlass/protocol';
import { QuotaError } from './errors.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Counts what is about to be stored for the device. @throws QuotaError */
export type DeviceQuota = (device: DeviceId) => void;

/** Of what one client address may ask, one device may have this part stored in the long run. */
const SHARE_OF_AN_ADDRESS = 250;
/** What it can save up, in seconds of an address's rate: an agent that starts again and again. */
const BURST_SECONDS = 5;
const MAX_DEVICES = 100_000;

/** A quota for each device, by what one client address may ask for: 50 a second give a device 250 at once and one each five seconds. */
export function createDeviceQuota(
  requestsPerSecond: number,
  monotonicMilliseconds: () => number = () => performance.now(),
): DeviceQuota {
  const buckets = createTokenBuckets({
    perSecond: requestsPerSecond / SHARE_OF_AN_ADDRESS,
    burst: Math.max(requestsPerSecond * BURST_SECONDS, 1),
    maxAddresses: MAX_DEVICES,
  });
  return ({ manufacturer, serial }) => {
    const wait = buckets.take(`${manufacturer} ${serial}`, monotonicMilliseconds());
    if (wait > 0) throw new QuotaError(wait);
  };
}
