// Runs one vector against the product. Without file access, so that it can be bundled with a planted fault.
import { parseCertificate, parsePem } from '@windlass/x509';
import {
  type AcceptedAnswer,
  acceptAcknowledgement,
  acceptAnswer,
  claimCodeOf,
  type Floors,
  formatTime,
  type LabelKey,
  labelKeyOf,
  ProtocolError,
  parseDigest,
  parseNonce,
  parseOrganizationId,
  parseSerial,
  parseServiceName,
  parseTime,
  verifyReport,
  verifyRequest,
} from '../../index.ts';
import type { AnswerInput, Vector, VectorFloors } from './vector.ts';

/** Null where the vector's expectation was met; else what happened instead. */
export function runVector(vector: Vector): string | null {
  const happened = outcomeOf(vector);
  const [expected, got] = [vector.expected, happened].map((each) => JSON.stringify(sorted(each)));
  return expected === got ? null : `expected ${expected}, got ${got}`;
}

function outcomeOf(vector: Vector): object {
  try {
    return accept(vector);
  } catch (error) {
    return error instanceof ProtocolError ? { error: error.code } : { thrown: String(error) };
  }
}

function accept({ exchange, input }: Vector): object {
  switch (exchange) {
    case 'answer':
      return acceptedAnswer(input as AnswerInput);
    case 'request':
    case 'report':
      return verifiedMessage(exchange, input as DeviceInput);
    case 'acknowledgement':
      return acceptedAcknowledgement(input as AcknowledgementInput);
  }
}

interface DeviceInput {
  readonly service: string;
  readonly now: string;
  readonly manufacturers: readonly string[];
  readonly registeredKeys: readonly string[];
  readonly body: string;
}

interface AcknowledgementInput {
  readonly service: string;
  readonly serviceAnchors: readonly string[];
  readonly device: { readonly manufacturer: string; readonly serial: string };
  readonly report: string;
  readonly counter: number;
  readonly floor: string;
  readonly clock: AnswerInput['clock'];
  readonly revocations: readonly string[];
  readonly body: string;
}

/** An answer of a vector in the product's terms. */
export function acceptVector(input: AnswerInput): AcceptedAnswer {
  const { request, held, lastNonce, bodyBase64, body = '' } = input;
  return acceptAnswer(bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, 'base64'), {
    ...identityOf(input),
    deviceKey: parseDigest(input.deviceKey),
    labelKey: labelKeyIn(input),
    request: { ...request, nonce: parseNonce(request.nonce), handCarried: request.kind === 'hand-carried' },
    held,
    floors: floorsOf(input.floors),
    clock: { state: input.clock.state as 'untrusted', time: parseTime(input.clock.time) },
    lastNonce: lastNonce === null ? null : parseNonce(lastNonce),
  });
}

function acceptedAnswer(input: AnswerInput): object {
  const accepted = acceptVector(input);
  const claim = accepted.kind === 'unclaimed' ? accepted.release : 'claim' in accepted ? accepted.claim : undefined;
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  return {
    outcome: accepted.kind,
    ...(claim ? { claim: claim.digest } : {}),
    ...(profile ? { profile: profile.digest } : {}),
    ...(accepted.kind === 'refused' ? { code: accepted.code } : {}),
    floors: { ...accepted.floors, time: formatTime(accepted.floors.time) },
  };
}

function labelKeyIn({ labelCode }: AnswerInput): LabelKey | undefined {
  const code = labelCode === undefined ? null : claimCodeOf(labelCode);
  return (code && labelKeyOf(code)) ?? undefined;
}

function verifiedMessage(exchange: 'request' | 'report', input: DeviceInput): object {
  const known = {
    service: parseServiceName(input.service),
    now: parseTime(input.now),
    manufacturers: input.manufacturers.map(certificateOf),
    isRegisteredKey: (key: string) => input.registeredKeys.includes(key),
  };
  const body = Buffer.from(input.body);
  const verified = exchange === 'request' ? verifyRequest(body, known) : verifyReport(body, known);
  const { device } = 'request' in verified ? verified.request : verified.report;
  return { outcome: 'verified', device, digest: verified.digest, deviceKey: verified.deviceKey };
}

function acceptedAcknowledgement(input: AcknowledgementInput): object {
  const { counter, time } = acceptAcknowledgement(Buffer.from(input.body), {
    ...identityOf(input),
    report: parseDigest(input.report),
    counter: input.counter,
    revocations: input.revocations,
    floor: parseTime(input.floor),
    clock: { state: input.clock.state as 'untrusted', time: parseTime(input.clock.time) },
  });
  return { outcome: 'acknowledged', counter, time: formatTime(time) };
}

function identityOf({
  service,
  serviceAnchors,
  device,
}: {
  service: string;
  serviceAnchors: readonly string[];
  device: object;
}) {
  const { manufacturer, serial } = device as { manufacturer: string; serial: string };
  return {
    service: parseServiceName(service),
    serviceAnchors: serviceAnchors.map(certificateOf),
    device: { manufacturer: parseDigest(manufacturer), serial: parseSerial(serial) },
  };
}

function floorsOf(floors: VectorFloors): Floors {
  const { time, claimDigest, organization, networks } = floors;
  const entries = Object.entries(networks).map(
    ([name, floor]) => [name, { ...floor, digest: parseDigest(floor.digest) }] as const,
  );
  return {
    ...floors,
    time: parseTime(time),
    claimDigest: claimDigest === null ? null : parseDigest(claimDigest),
    organization: organization === null ? null : parseOrganizationId(organization),
    networks: Object.fromEntries(entries),
  };
}

function certificateOf(pem: string) {
  const [block] = parsePem(pem);
  return parseCertificate(block?.der ?? new Uint8Array());
}

/** The same value with the members of every object in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
