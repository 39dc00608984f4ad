// The bootstrap request: fresh for each rung, signed over what was seen on that very connection.
import {
  type BootstrapRequest,
  digestOf,
  encodeRequest,
  isAnswer,
  type Nonce,
  parseClaim,
  parseSecurityProfile,
} from '@windlass/protocol';
import { type Agent, trustView } from './agent.ts';
import { climb, type NoAnswer, type Path } from './ladder.ts';
import { pathOf, signed } from './report.ts';
import { tellPath } from './story.ts';
import { AGENT_VERSION } from './version.ts';
import type { Visit } from './visit.ts';

/** An answer and the request that it must belong to. */
export interface Answered {
  readonly kind: 'answer';
  readonly body: Uint8Array;
  readonly path: Path;
  readonly payload: string;
  readonly nonce: Nonce;
  /** Monotonic seconds. */
  readonly signedAt: number;
}

/** The first answer that comes on any rung, not checked yet, or why there is none. */
export async function ask({ agent, before }: Visit): Promise<Answered | NoAnswer> {
  const reply = await climb(agent, {
    trust: trustView(agent, before.inspectionCas),
    to: pathOf('bootstrap'),
    isAnswer,
    message: async (path) => {
      tellPath(agent, path);
      const nonce = agent.randomNonce(); // spec S5: one for each request
      const payload = encodeRequest(requestFor(agent, path, nonce));
      return { body: await signed(agent, payload), sent: { payload, nonce, signedAt: agent.clock.monotonicSeconds() } };
    },
  });
  return reply.kind === 'answer' ? { kind: 'answer', body: reply.body, path: reply.path, ...reply.sent } : reply;
}

function requestFor(
  agent: Agent,
  { rung, failure, presentedChain, explicitProxy }: Path,
  nonce: Nonce,
): BootstrapRequest {
  const { service, device } = agent.identity;
  return {
    service,
    device,
    nonce,
    holds: holdsOf(agent),
    clock: agent.clock.read(),
    path: { rung, failure, presentedChain, ...(explicitProxy && { explicitProxy }) },
    agent: { version: AGENT_VERSION, stores: agent.stores.map((store) => store.name) },
  };
}

function holdsOf(agent: Agent): BootstrapRequest['holds'] {
  const { claim, profiles } = agent.state.current.holding;
  const { service } = agent.identity;
  return {
    ...(claim
      ? { claim: { generation: parseClaim(claim.payload, service).generation, digest: digestOf(claim.payload) } }
      : {}),
    profiles: profiles.map(({ envelope: { payload } }) => {
      const { network, epoch, sequence } = parseSecurityProfile(payload, service);
      return { network, epoch, sequence, digest: digestOf(payload) };
    }),
  };
}
