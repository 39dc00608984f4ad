// A sentence for each code of the agent: what happened and what to do.
import { formatTime, keyOf, type UnixSeconds } from '@windlass/protocol';
import { formatName, namesDistrust, namesEqual, parseCertificate } from '@windlass/x509';
import type {
  AskedProxy,
  NoAnswerCause,
  ProbeResult,
  Stage,
  StoreReceipt,
  TrustedInspectionCa,
  Unmet,
} from '../ports.ts';
import type { ClockFault, Result, Reverted } from '../result.ts';
import type { Happening } from '../run/supervisor.ts';
import type { StateFault } from '../state/agent-state.ts';
import { authority } from '../transport/route.ts';
import { schemesOf } from './challenge.ts';

const BROKEN: Readonly<Record<NoAnswerCause, string>> = {
  blocked: 'the network answered in place of the peer: have the name allowed there, and its certificate trusted',
  captive: 'a portal answered in place of the peer: log in to the network',
  name: 'the name cannot be resolved: check the DNS',
  timeout: 'nothing came in time: the network drops this, or is too slow',
  refused: 'the port is closed, or there is no route',
  reset: 'the connection was cut: the network does not let it pass',
  tls: 'TLS could not be agreed on',
  proxy: 'the explicit proxy did not open a connection to the peer',
  'proxy-authentication': 'the proxy wants other credentials: configure them',
  empty: 'the connection was closed without an answer',
  truncated: 'the answer was cut short',
  'too-large': 'the answer is too large',
  encoding: 'the answer has another content coding, or a damaged one',
  http: 'what came is not HTTP',
};

/** What makes `run` ask sooner. */
export const HAPPENED: Readonly<Record<Happening, string>> = {
  'network-changed': 'the network changed: asking the service',
  resumed: 'awake again: asking the service',
};

/** What is wrong with the files of the state, and what to do. */
export const STATE_FAULTS: Readonly<Record<StateFault, string>> = {
  'state-damaged':
    'a file of the state was damaged or missing, and the other one made up for it: see to the storage if it comes again',
  'floors-lost':
    'state.json and floors.json were both damaged or missing, so that old messages could be replayed: nobody may delete them, and the storage must keep them',
  'floors-unwritten': 'floors.json cannot be written: see that "floorsDirectory" is writable and has room',
};

type Unanswered = Pick<
  Extract<Result, { outcome: 'no-answer' }>,
  'cause' | 'stage' | 'status' | 'path' | 'explicitProxy'
>;

/** Why there was no answer. */
export function noAnswerText({ cause, stage, status, path, explicitProxy }: Unanswered): string {
  const { failure } = path;
  if (cause === 'tls' && stage === 'tls' && failure && failure !== 'tls')
    return `the certificate of the peer is not valid: ${failure}`;
  if (cause === 'http' && stage === 'body') return statusText(status);
  return explicitProxy ? proxyText(cause, stage, explicitProxy) : BROKEN[cause];
}

/** The same where an explicit proxy is on the way: up to its answer it is the proxy that is not reached. */
function proxyText(cause: NoAnswerCause, stage: Stage, { challenge = '', ...proxy }: AskedProxy): string {
  const name = harmless(`explicit proxy ${authority(proxy)}`);
  if (cause === 'proxy-authentication') {
    const schemes = schemesOf(`${challenge}`);
    if (schemes.length === 0 || schemes.includes('Basic'))
      return `the ${name} wants a user and a password, or other ones (Basic): configure them for it`;
    return `the ${name} wants ${schemes.join(' or ')}, which this agent does not speak: have the device let through there without, or with Basic`;
  }
  if (cause === 'tls' && stage === 'proxy')
    return `TLS with the ${name} could not be agreed on, or its certificate is not valid: check the proxy, and "anchor" of "proxies"`;
  const isNotReached = stage === 'name' || stage === 'connect' || (stage === 'proxy' && isSilent(cause));
  return isNotReached ? `the ${name} is not reached: ${BROKEN[cause]}` : `${BROKEN[cause]} (through the ${name})`;
}

function isSilent(cause: NoAnswerCause): boolean {
  return cause === 'timeout' || cause === 'reset';
}

/** A problem that nobody signed: a hint, and no more (spec M4). */
function statusText(status: number | null): string {
  if (status === 400) return 'the service does not know this device: register its manufacturer there, or its key';
  if (status === 429 || status === 503) return 'the service is busy: it is asked again later';
  return `HTTP status ${status}, not an answer of the service`;
}

const SPOKEN = { https: 'HTTP', mqtts: 'MQTT', wss: 'WebSocket', amqps: 'AMQP', tls: 'TLS' } as const;

/** What an endpoint showed. */
export function endpointText({ endpoint, verdict, stage, reason, signedBy }: ProbeResult): string {
  if (stage === 'done') {
    return `TLS is valid${answerText(endpoint)}, ${verdict === 'direct' ? 'nobody inspects' : 'through a trusted inspecting proxy'}`;
  }
  const signed = signedBy === null ? '' : `, signed by "${signedBy}"`;
  if (isUnmet(reason)) return unmetText(reason, verdict, signed);
  if (signed) return certificateText(verdict, reason, signed);
  if (verdict === 'needs-bypass')
    return `inspected, and then no answer (${reason}): exempt the name if it wants a client certificate or no HTTP`;
  if (reason === 'http' && endpoint.protocol !== 'https') return `what came is not ${SPOKEN[endpoint.protocol]}`;
  return isCause(reason) ? BROKEN[reason] : `${reason}`;
}

function answerText({ protocol, clientCertificate }: ProbeResult['endpoint']): string {
  if (clientCertificate) return ', a client certificate is demanded';
  return protocol === 'tls' ? '' : `, ${SPOKEN[protocol]} answers`;
}

function isUnmet(reason: ProbeResult['reason']): reason is Unmet {
  return reason === 'client-certificate' || reason === 'pins' || reason === 'alpn';
}

function unmetText(reason: Unmet, verdict: ProbeResult['verdict'], signed: string): string {
  const isInspected = verdict === 'needs-bypass';
  switch (reason) {
    case 'client-certificate':
      return isInspected
        ? `inspected${signed}, and it wants a client certificate, which no box passes on: exempt the name`
        : 'it demands no client certificate, and the profile says that it does: correct one of them';
    case 'pins':
      return `the certificate${signed} has none of the keys that its clients pin: exempt the name, or correct the pins of the profile`;
    case 'alpn':
      return `TLS is valid, and its protocol (ALPN) was not agreed on: ${isInspected ? 'the box strips it, exempt the name' : 'the endpoint does not speak it'}`;
  }
}

function certificateText(verdict: ProbeResult['verdict'], reason: ProbeResult['reason'], signed: string): string {
  if (verdict === 'inspected-untrusted') return `${signed.slice(2)}, which is not trusted for this name`;
  if (verdict === 'name-rewritten') return `the certificate is for another name${signed}: check the DNS`;
  const hint = reason === 'certificate' ? 'not fit for TLS' : `${reason}: check the clocks of device and proxy`;
  return `the certificate${signed}, is ${hint}`;
}

function isCause(reason: ProbeResult['reason']): reason is NoAnswerCause {
  return reason !== null && Object.hasOwn(BROKEN, reason);
}

/** Where a profile failed, and why where no verdict says it. */
export function revertText({ code, where }: Reverted, service: string): string {
  if (code === 'endpoint-failed') return where;
  if (code === 'not-probed')
    return `${where} is required and was not tried: windlass-agent-probes.mjs belongs beside the agent`;
  if (code === 'clock') {
    const [seconds, side] = [Math.abs(Number(where)), Number(where) > 0 ? 'behind' : 'ahead of'];
    return `the system clock, which is configured as trusted, is ${seconds} seconds ${side} the signed time, and by it the certificate of the peer is not valid: set it, or configure it as untrusted`;
  }
  const isPermitted = where !== 'not-permitted';
  return `service: ${isPermitted ? where : `${service} is not among the permitted names of the inspection CA`}`;
}

/** What is wrong with the system's clock, or null. */
export function clockText(fault: ClockFault | null): string | null {
  if (!fault) return null;
  const [says, is] = [fault.system, fault.known].map((time: UnixSeconds) => formatTime(time));
  return `system clock wrong: other programs will fail (it says ${says}, and it is ${is} or later)`;
}

/** What a receipt is about, and what else stands in the way of the programs that read the store. */
export interface Trust {
  /** A sentence, or null. */
  readonly clock: string | null;
  readonly inspectionCas: readonly TrustedInspectionCa[];
}

/** What is wrong with a trust store, or undefined. */
export function storeDetail(
  { kind, state, detail }: StoreReceipt,
  { clock, inspectionCas }: Trust = { clock: null, inspectionCas: [] },
): string | undefined {
  if (state === 'not-managed') return `cannot be written (${detail || 'error'}), what it holds of ours is not known`;
  if (detail === undefined)
    return kind === 'bundle' && haveNamesakes(inspectionCas)
      ? 'two inspection CAs have one name: where a certificate does not say which, most programs (openssl, Node, Python, not Java) know only the one that signs now, until the next exchange after the proxy changed to the other'
      : undefined;
  if (detail === 'system-clock') return clock ?? 'system clock wrong: other programs will fail';
  if (detail === 'partial-chain')
    return 'programs that build chains to a root refuse it (openssl, Node, Python), others take it (curl, Java): have the root above the inspection CA registered too';
  return /^[A-Z]/.test(detail) ? `Node's TLS refuses it: ${detail}` : `no handshake to prove it by: ${detail}`;
}

/** One name and different keys. */
function haveNamesakes(inspectionCas: readonly TrustedInspectionCa[]): boolean {
  return inspectionCas.some(({ certificate: one }) =>
    inspectionCas.some(
      ({ certificate: other }) => namesEqual(one.subject, other.subject) && keyOf(one) !== keyOf(other),
    ),
  );
}

/** Who signed the leaf, as it says itself; null where there is none that can be read. */
export function issuerOf([leaf]: readonly Uint8Array[]): string | null {
  try {
    return leaf ? formatName(parseCertificate(leaf).issuer) : null;
  } catch {
    return null;
  }
}

/** Whether whoever signed the leaf says by its name that it does not trust the peer. */
export function saysDistrust([leaf]: readonly Uint8Array[]): boolean {
  try {
    return leaf !== undefined && namesDistrust(parseCertificate(leaf).issuer);
  } catch {
    return false;
  }
}

/** Text from the wire, without what a terminal would obey. */
export function harmless(text: string): string {
  return text.replace(/[\p{Control}\p{Format}\p{Surrogate}]/gu, '?').slice(0, 200);
}
