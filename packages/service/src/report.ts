// Exchange 2 on the service, whole: a report is verified, stored, and only then acknowledged. @see spec sections 4 and 7
import {
  type Envelope,
  encodeAcknowledgement,
  encodeEnvelope,
  MAX_STEP,
  ProtocolError,
  parseBody,
  parseEnvelope,
  type UnixSeconds,
  type VerifiedReport,
  verifyReport,
} from '@windlass/protocol';
import { type DeviceSide, verifyKnown } from './device-side.ts';
import type { ReportRecord } from './store/device-ports.ts';

/**
 * The body of the acknowledgement of a report that is stored.
 *
 * @throws ProtocolError: the sender gets the neutral problem; QuotaError, StoreError, SignerError: it is told to come again later
 */
export async function acceptReport(body: Uint8Array, side: DeviceSide): Promise<string> {
  const now = side.now();
  const verified = await verifyKnown(side, now, {
    verify: (known) => verifyReport(body, known),
    deviceOf: ({ report }) => report.device,
  }); // spec S10
  const { device, counter } = verified.report;
  const stored = await side.store.reportOf(device, counter);
  if (stored?.digest === verified.digest) return encodeEnvelope(stored.acknowledgement); // spec S10
  checkCounter(counter, now);
  await checkKey(verified, side, now);
  side.quota(device);
  const acknowledgement = await acknowledge(verified, side, now);
  await append({ ...recordOf(verified, body, now), acknowledgement }, verified, side); // spec S11
  return encodeEnvelope(acknowledgement);
}

/** Whoever has the device's key for a moment must not be able to take all counters that it will ever have. */
function checkCounter(counter: number, now: UnixSeconds): void {
  if (counter > now + MAX_STEP) throw new ProtocolError('report-mismatch', 'The counter of the report is too high.'); // spec S10
}

/** A report with another key than the device's must not take the counter away from it. */
async function checkKey({ report, deviceKey }: VerifiedReport, side: DeviceSide, now: UnixSeconds): Promise<void> {
  const claim = await side.management.claimOf(report.device);
  const named = claim?.key ?? (await side.management.manifestKeyOf(report.device)); // spec S4
  const pinned = await side.store.pinKey(report.device, named ?? deviceKey, now);
  if (deviceKey === (named ?? pinned)) return;
  throw new ProtocolError('report-mismatch', 'The report is signed with another key than the one known.'); // spec S4
}

async function acknowledge({ report, digest }: VerifiedReport, side: DeviceSide, now: UnixSeconds): Promise<Envelope> {
  const { device, counter } = report;
  return side.responder.sign(
    encodeAcknowledgement({ service: side.service, device, report: digest, counter, time: now }),
    now,
  );
}

function recordOf(
  { report, digest }: VerifiedReport,
  body: Uint8Array,
  now: UnixSeconds,
): Omit<ReportRecord, 'acknowledgement'> {
  const { device, nonce, counter } = report;
  return { device, nonce, counter, digest, time: now, report: parseEnvelope(parseBody(body)) };
}

async function append(record: ReportRecord, { report }: VerifiedReport, { store }: DeviceSide): Promise<void> {
  if (await store.appendReport(record, report.trouble ?? null)) return; // spec M7
  throw new ProtocolError('report-mismatch', 'The counter of the report was taken before.'); // spec S10
}
