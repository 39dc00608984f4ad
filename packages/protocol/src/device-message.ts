// What the service checks in everything that a device signs: that it is from the device it names. @see spec S1, S2, S3, K7
import { type Certificate, subjectAttribute } from '@windlass/x509';
import { type OpenedEnvelope, openEnvelope, parseEnvelope } from './envelope.ts';
import { check } from './errors.ts';
import type { DeviceId, Digest, ServiceName, UnixSeconds } from './forms.ts';
import type { Message } from './schema.ts';
import { anchorsOf, keyOf, verifySigner } from './signer.ts';
import { parseBody } from './strict-json.ts';

/** Which devices the service knows. */
export interface KnownDevices {
  readonly service: ServiceName;
  readonly now: UnixSeconds;
  /** Manufacturer anchors. */
  readonly manufacturers: readonly Certificate[];
  /** Whether the key of a self-signed device, by the SHA-256 of its SPKI, was registered. */
  isRegisteredKey(key: Digest): boolean;
}

/** A message with the device that signed it. */
export interface DeviceMessage<T> {
  readonly message: T;
  /** Of the payload. */
  readonly digest: Digest;
  /** SHA-256 of the SPKI of the device's key. */
  readonly deviceKey: Digest;
  readonly certificate: Certificate;
}

const SERIAL_NUMBER = '2.5.4.5';

/** The message in `body`, signed by the known device that it names. @throws ProtocolError: see `verifyRequest` */
export function verifyDeviceMessage<T extends { readonly service: ServiceName; readonly device: DeviceId }>(
  body: Uint8Array,
  parse: Message<T>,
  known: KnownDevices,
): DeviceMessage<T> {
  const envelope = parseEnvelope(parseBody(body));
  const parsed = parse(envelope.payload, known.service);
  const opened = openEnvelope(envelope, 'device');
  const { digest, signer: certificate } = opened;
  checkOrigin(opened, parsed.device, known); // spec S1
  const [serial, ...others] = subjectAttribute(certificate.subject, SERIAL_NUMBER);
  check(serial && others.length === 0, 'device-certificate'); // spec K7
  check(serial === parsed.device.serial, 'device-mismatch'); // spec S2
  return { message: parsed, digest, deviceKey: keyOf(certificate), certificate };
}

/** The manufacturer that the message names issued the certificate; or it is the device's own key, which was registered. */
function checkOrigin(opened: OpenedEnvelope, { manufacturer }: DeviceId, known: KnownDevices): void {
  const { service, now: time, manufacturers } = known;
  const key = keyOf(opened.signer);
  const isRegistered = key === manufacturer && known.isRegisteredKey(key);
  if (isRegistered) {
    checkValidity(opened.signer, time);
    return;
  }
  const anchors = anchorsOf(manufacturers.filter((anchor) => keyOf(anchor) === manufacturer));
  verifySigner(opened, { role: 'device', anchors, time, service });
}

function checkValidity({ notBefore, notAfter }: Certificate, time: UnixSeconds): void {
  check(time <= notAfter, 'signer-expired'); // spec K2
  check(time >= notBefore, 'signer-not-yet-valid'); // spec K2
}
