// Reads any signed message offline, for people: what it is, who signed it, and, given anchors, whether it holds.
import { type Certificate, formatName, parseCertificate } from '@windlass/x509';
import type { SignerRole } from './algorithms.ts';
import { type Answer, parseAnswer, parseDecision, parseRequest } from './bootstrap.ts';
import { type Claim, parseClaim } from './claim.ts';
import { type Envelope, isEnvelope, type OpenedEnvelope, openEnvelope, parseEnvelope } from './envelope.ts';
import { explainError } from './error-sentences.ts';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';
import {
  type Digest,
  digestOf,
  type OrganizationId,
  parseServiceName,
  type ServiceName,
  type UnixSeconds,
  unixSeconds,
} from './forms.ts';
import { checkInspectionCa } from './inspection-ca.ts';
import { parseAcknowledgement, parseReport } from './report.ts';
import { parseSecurityProfile, type SecurityProfile } from './security-profile.ts';
import { anchorsOf, verifySigner } from './signer.ts';
import { type JsonObject, parseBody, parsePayload } from './strict-json.ts';

/** The kinds of signed messages. */
export type MessageKind =
  | 'bootstrap-request'
  | 'decision'
  | 'claim'
  | 'security-profile'
  | 'report'
  | 'acknowledgement';

/** One thing that was looked at; `code` and `explanation` where it does not hold. */
export interface InspectionCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly code?: ProtocolErrorCode;
  readonly explanation?: string;
}

/** Who signed, as the certificate says it. */
export interface SignerSummary {
  readonly subject: string;
  readonly issuer: string;
  /** Unix seconds. */
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly algorithm: string;
  /** SHA-256 of the SPKI. */
  readonly key: Digest;
}

/** One envelope, as far as it can be read. */
export interface InspectedMessage {
  readonly kind: MessageKind | 'unknown';
  readonly digest: Digest;
  readonly payload: JsonObject | null;
  readonly signer: SignerSummary | null;
  readonly checks: readonly InspectionCheck[];
}

/** What `inspectMessage` found; `ok` is null where no trust was given, so that nothing could be verified. */
export interface Inspection {
  readonly kind: MessageKind | 'answer' | 'unknown';
  readonly messages: readonly InspectedMessage[];
  /** Of the whole: that it can be read, and that the parts of an answer belong together. */
  readonly checks: readonly InspectionCheck[];
  readonly ok: boolean | null;
}

/** What to verify against: the anchors of the signer's role, the service, and the time for what does not say one itself. */
export interface InspectionTrust {
  readonly anchors: readonly Certificate[];
  readonly service: string;
  readonly time?: UnixSeconds;
}

const ROLES: Readonly<Record<MessageKind, SignerRole>> = {
  'bootstrap-request': 'device',
  report: 'device',
  decision: 'responder',
  acknowledgement: 'responder',
  claim: 'claim-authority',
  'security-profile': 'publisher',
};

/** Whatever these bytes are; never throws. Floors, nonces and held messages are not known here and so not judged. */
export function inspectMessage(bytes: Uint8Array, trust?: InspectionTrust): Inspection {
  const checks: InspectionCheck[] = [];
  const read = attempt(checks, 'it can be read', () =>
    isEnvelope(bytes) ? parseEnvelope(parseBody(bytes)) : parseAnswer(bytes),
  );
  if (!read) return { kind: 'unknown', messages: [], checks, ok: trust ? false : null };
  const isAnswer = 'decision' in read;
  const messages = isAnswer ? inspectAnswer(read, checks, trust) : [inspectEnvelope(read, trust)];
  const all = [...checks, ...messages.flatMap((message) => message.checks)];
  const ok = trust ? all.every((check) => check.ok) : null;
  return { kind: isAnswer ? 'answer' : (messages[0]?.kind ?? 'unknown'), messages, checks, ok };
}

function inspectAnswer(
  answer: Answer,
  checks: InspectionCheck[],
  trust: InspectionTrust | undefined,
): readonly InspectedMessage[] {
  const decision = inspectEnvelope(answer.decision, trust);
  const time = timeOf(decision.payload, 'time') ?? trust?.time;
  const later = trust && { ...trust, ...(time === undefined ? {} : { time }) };
  const publishers = publishersOf(answer.claim);
  const claim = answer.claim && inspectEnvelope(answer.claim, later);
  const profile = answer.profile && inspectEnvelope(answer.profile, later && { ...later, anchors: publishers });
  for (const [part, message] of Object.entries({ claim, profile })) {
    const named = decision.payload?.[part];
    if (message) attempt(checks, `the decision names this ${part}`, () => belong(named === message.digest, part));
  }
  return [decision, claim, profile].filter((message) => message !== undefined);
}

function belong(isNamed: boolean, part: string): true {
  if (!isNamed) throw new ProtocolError(part === 'claim' ? 'claim-digest' : 'profile-digest');
  return true;
}

function inspectEnvelope(envelope: Envelope, trust: InspectionTrust | undefined): InspectedMessage {
  const checks: InspectionCheck[] = [];
  const payload = attempt(checks, 'the payload is strict JSON', () => parsePayload(envelope.payload)) ?? null;
  const kind = kindOf(payload);
  if (kind === 'unknown') return { kind, digest: digestOf(envelope.payload), payload, signer: null, checks };
  const service = trust?.service ?? payload?.['service'];
  attempt(checks, 'the message has its form', () => parseMessage(kind, envelope.payload, parseServiceName(service)));
  const opened = attempt(checks, 'the signature fits the payload', () => openEnvelope(envelope, ROLES[kind]));
  if (opened && trust) attempt(checks, 'the signer is trusted for this', () => verify(kind, opened, payload, trust));
  return { kind, digest: digestOf(envelope.payload), payload, signer: opened ? summary(opened) : null, checks };
}

function verify(kind: MessageKind, opened: OpenedEnvelope, payload: JsonObject | null, trust: InspectionTrust): true {
  const role = ROLES[kind];
  const own = role === 'responder' ? timeOf(payload, 'time') : undefined;
  const time = own ?? trust.time ?? unixSeconds(opened.signer.notBefore);
  const organization = payload?.['organization'];
  verifySigner(opened, {
    role,
    anchors: anchorsOf(trust.anchors),
    time,
    service: parseServiceName(trust.service),
    ...(typeof organization === 'string' ? { organization: organization as OrganizationId } : {}),
  });
  return true;
}

function parseMessage(kind: MessageKind, payload: string, service: ServiceName): object {
  switch (kind) {
    case 'bootstrap-request':
      return parseRequest(payload, service);
    case 'decision':
      return parseDecision(payload, service);
    case 'claim':
      return parseClaim(payload, service);
    case 'security-profile':
      return checkedProfile(parseSecurityProfile(payload, service));
    case 'report':
      return parseReport(payload, service);
    case 'acknowledgement':
      return parseAcknowledgement(payload, service);
  }
}

function checkedProfile(profile: SecurityProfile): SecurityProfile {
  for (const ca of profile.inspectionCas) checkInspectionCa(ca);
  return profile;
}

function kindOf(payload: JsonObject | null): MessageKind | 'unknown' {
  const type = payload?.['type'];
  return typeof type === 'string' && Object.hasOwn(ROLES, type) ? (type as MessageKind) : 'unknown';
}

/** The publisher anchors that a claim names; none where it cannot be read. */
function publishersOf(envelope: Envelope | undefined): readonly Certificate[] {
  const unread: InspectionCheck[] = [];
  const claim =
    envelope &&
    attempt<Claim>(unread, '', () =>
      parseClaim(envelope.payload, parseServiceName(parsePayload(envelope.payload)['service'])),
    );
  return attempt(unread, '', () => claim?.publishers.map((bytes) => parseCertificate(bytes))) ?? [];
}

function timeOf(payload: JsonObject | null, name: string): UnixSeconds | undefined {
  const text = payload?.[name];
  const seconds = typeof text === 'string' ? Date.parse(text) / 1000 : Number.NaN;
  return Number.isInteger(seconds) && seconds >= 0 ? unixSeconds(seconds) : undefined;
}

function summary({ signer, algorithm }: OpenedEnvelope): SignerSummary {
  const { subject, issuer, publicKey } = signer;
  const [notBefore, notAfter] = [unixSeconds(Math.max(0, signer.notBefore)), unixSeconds(signer.notAfter)];
  return {
    subject: formatName(subject),
    issuer: formatName(issuer),
    notBefore,
    notAfter,
    algorithm,
    key: digestOf(publicKey.der),
  };
}

/** The result of `step`; undefined where it was refused. What happened is added to `checks`. */
function attempt<T>(checks: InspectionCheck[], name: string, step: () => T): T | undefined {
  try {
    const result = step();
    checks.push({ name, ok: true });
    return result;
  } catch (error) {
    const code = error instanceof ProtocolError ? error.code : 'schema';
    checks.push({ name, ok: false, code, explanation: explainError(code) });
    return undefined;
  }
}
