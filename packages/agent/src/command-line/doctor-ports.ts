// What the doctor gets of the agent: who it is, the paths to the service, and the checks of what comes back. Nothing of it writes.
import { explainError, explainTrouble, ProtocolError } from '@windlass/protocol';
import { standingOf } from '../active-trust.ts';
import { type Agent, trustView } from '../agent.ts';
import { judge } from '../bootstrap.ts';
import { machineClock } from '../clock.ts';
import type { HandedPorts } from '../doctor/doctor.ts';
import type { Asked, DeviceSeen, HandshakeSeen, PageSeen, PathBroken, RouteSeen, Signer } from '../doctor/ports.ts';
import { urlOf } from '../ladder.ts';
import type { TrustedInspectionCa } from '../ports.ts';
import { ask } from '../request.ts';
import { type Attempt, startAttempt } from '../transport/attempt.ts';
import { classifyBody, redirectHost } from '../transport/classify-body.ts';
import { addressed, type TransportOptions } from '../transport/create-transport.ts';
import { exchange, type HttpAnswer } from '../transport/exchange.ts';
import { shakeHands } from '../transport/handshake.ts';
import { judgeChain } from '../transport/judge-chain.ts';
import { expectPathError } from '../transport/path-error.ts';
import { openRoute } from '../transport/route.ts';
import { standingNow, startVisit } from '../visit.ts';
import type { NamedRoutes } from './beside.ts';
import { schemesOf } from './challenge.ts';
import { endpointText, noAnswerText, saysDistrust } from './sentences.ts';

interface DoctorPaths extends TransportOptions {
  readonly routes: NamedRoutes;
}

/** The ports of a doctor for this agent; `offline`: it leaves the service alone. */
export async function doctorPorts(
  agent: Agent,
  paths: DoctorPaths,
  { offline }: { readonly offline: boolean },
): Promise<HandedPorts> {
  const standing = standingNow(agent);
  const trust = () => trustView(agent, standing.inspectionCas);
  const probe = await agent.loadProbe();
  const { clock } = agent;
  const https = { host: paths.service, port: paths.ports.https, scheme: 'https' } as const;
  return {
    device: await deviceSeen(agent, paths),
    clock: { system: machineClock.now(), floor: clock.floor, isOutside: clock.read().state === 'floor' },
    tunnel: () =>
      onPath(paths, async (attempt): Promise<RouteSeen> => {
        await openRoute(attempt, paths, https);
        return { kind: 'open', viaProxy: attempt.proxy !== undefined };
      }),
    page: () => onPath(paths, (attempt) => page(attempt, paths)),
    handshake: () =>
      onPath(paths, async (attempt): Promise<HandshakeSeen> => {
        const { chain } = await shakeHands(attempt, paths, https);
        const { failure } = judgeChain(chain, paths.service, trust(), paths.service);
        return { kind: 'handshake', chain, failure, signer: signerOf(agent, chain, standing.inspectionCas) };
      }),
    ask: offline ? null : () => asked(agent),
    portal: null,
    probe: probe && ((endpoint) => probe(endpoint, trust())),
    explain: explainTrouble,
    endpointText,
  };
}

async function deviceSeen(agent: Agent, { service, ports, routes, connectTo }: DoctorPaths): Promise<DeviceSeen> {
  const { organization, network, profile } = standingNow(agent);
  return {
    ...{ service, ports, organization, network },
    serial: agent.identity.device.serial,
    endpoints: profile?.profile.endpoints ?? [],
    timeServers: profile?.profile.timeServers ?? [],
    proxy: await routes.first({ host: service, port: ports.https, scheme: 'https' }),
    instead(host, port) {
      const there = connectTo[`${host}:${port}`] ?? connectTo[`*:${port}`];
      const [, name = '', number] = /^(.*):(\d+)$/.exec(there ?? '') ?? [];
      return there === undefined ? null : { host: name.replace(/[[\]]/g, ''), port: Number(number) };
    },
  };
}

/** What `work` gives in one attempt, or where its path broke. */
async function onPath<T>(
  { deadlines }: TransportOptions,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T | PathBroken> {
  const attempt = startAttempt(deadlines);
  try {
    return await work(attempt);
  } catch (error) {
    const { stage, reason, cause } = expectPathError(error);
    const schemes = reason === 'proxy-authentication' ? schemesOf(`${cause ?? ''}`) : [];
    const hasCredentials = Object.keys(attempt.proxy?.headers ?? {}).length > 0;
    return { kind: 'broken', stage, cause: reason, schemes, hasCredentials };
  } finally {
    attempt.end();
  }
}

/** How much of a page is looked at, in characters. */
const MAX_PAGE_CHARACTERS = 4_096;

/** A GET, which the service answers with a problem; it has nothing of the device. */
async function page(attempt: Attempt, paths: TransportOptions): Promise<PageSeen> {
  const target = { host: paths.service, port: paths.ports.http, scheme: 'http' } as const;
  const socket = await openRoute(attempt, paths, target);
  const answer = await exchange(attempt, socket, addressed({ attempt, target }, 3, urlOf('bootstrap')));
  const { status, headers, body } = answer;
  return {
    kind: 'page',
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: new TextDecoder().decode(body).slice(0, MAX_PAGE_CHARACTERS),
    cause: pageCause(answer, attempt, paths.service),
    redirect: redirectOf(answer),
  };
}

function pageCause(answer: HttpAnswer, { proxy }: Attempt, service: string): PageSeen['cause'] {
  const { status, headers } = answer;
  if (status === 407 || (status === 401 && proxy)) return 'proxy-authentication';
  const there = redirectHost(status, headers.location, service);
  if (there) return there === service ? 'blocked' : 'captive';
  const cause = classifyBody(answer, () => false);
  return cause === 'captive' || cause === 'blocked' ? cause : null;
}

/** Without what may name the device or its address. */
function redirectOf({ status, headers: { location } }: HttpAnswer): string | null {
  if (status < 300 || status > 399 || !location || !URL.canParse(location)) return null;
  const { protocol, host, pathname } = new URL(location);
  return `${protocol}//${host}${pathname}`;
}

/** By keys: the same judgement, with other anchors each time. */
export function signerOf(agent: Agent, chain: readonly Uint8Array[], active: readonly TrustedInspectionCa[]): Signer {
  const { identity, state, clock } = agent;
  const { service } = identity;
  const { holding } = state.current;
  const by = (cas: readonly TrustedInspectionCa[], tlsAnchors = agent.tlsAnchors) =>
    judgeChain(chain, service, { ...trustView(agent, cas), tlsAnchors }, service);
  const isSigned = (cas: readonly TrustedInspectionCa[]): boolean =>
    by(cas.map((ca) => ({ ...ca, permittedNames: ['*'], excludedNames: [] }))).failure !== 'unknown-issuer';
  if (by([], []).failure !== 'unknown-issuer') return { kind: 'root' };
  if (by([]).failure !== 'unknown-issuer') return { kind: 'own-anchor' };
  if (by(active).failure !== 'unknown-issuer') return { kind: 'active' };
  if (isSigned(active)) return { kind: 'out-of-scope' };
  const held = holding.profiles.find(({ network }) =>
    isSigned(standingOf({ ...holding, active: network }, identity, clock.read().time).inspectionCas),
  );
  if (held) return { kind: 'held', network: held.network };
  return { kind: saysDistrust(chain) ? 'distrusting' : 'nobody' };
}

/** One request as bootstrap makes it, all checks of the answer, and no commit. */
async function asked(agent: Agent): Promise<Asked> {
  const visit = startVisit({ ...agent, tell: () => {} });
  const answer = await ask(visit);
  if (answer.kind === 'no-answer') return { ...answer, says: noAnswerText(answer) };
  const system = machineClock.now();
  const accepted = judge(visit, answer);
  if (accepted instanceof ProtocolError)
    return { kind: 'not-valid', code: accepted.code, says: explainError(accepted.code) };
  const { time } = accepted.decision;
  const claim = 'claim' in accepted ? accepted.claim.claim : null;
  return {
    ...{ kind: 'signed', outcome: accepted.kind, time, system },
    code: accepted.kind === 'refused' ? accepted.code : null,
    rung: answer.path.rung,
    organization: claim?.organization ?? null,
    network: accepted.decision.network ?? null,
  };
}
