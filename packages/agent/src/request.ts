// The bootstrap request: fresh for each rung, signed over what was seen on that very connection.
import { randomBytes } from 'node:crypto';
import {
  type BootstrapRequest,
  digestOf,
  encodeRequest,
  heldRevocations,
  isAnswer,
  type Nonce,
  parseClaim,
  parseNonce,
  parseSecurityProfile,
} from '@windlass/protocol';
import type { Agent } from './agent.ts';
import { climb, type Message, type NoReply, type Path, type Reply } from './ladder.ts';
import { AGENT_VERSION } from './version.ts';
import type { Visit } from './visit.ts';

/** An answer with the nonce of the request that it must belong to. */
export type Answered = Reply & { readonly nonce: Nonce };

/** The first answer that comes on any rung, not checked yet, or why there is none. */
export async function ask({ agent, before }: Visit, meet?: Message['meet']): Promise<Answered | NoReply> {
  let nonce = randomNonce();
  const reply = await climb(agent, {
    trusted: before.inspectionCas,
    to: 'bootstrap',
    isAnswer,
    ...(meet && { meet }),
    on(path) {
      agent.tell({ kind: 'path', path });
      nonce = randomNonce(); // one for each request
      return requestOf(agent, nonce, path);
    },
  });
  return reply.kind === 'answer' ? { ...reply, nonce } : reply;
}

/** The payload of a request on this path. */
export function requestOf(agent: Agent, nonce: Nonce, path: Path): string {
  const { identity, clock, stores } = agent;
  return encodeRequest({
    ...identity,
    nonce,
    holds: holdsOf(agent),
    clock: clock.read(),
    path,
    agent: { version: AGENT_VERSION, stores: stores.map(({ name }) => name) },
  });
}

export function randomNonce(): Nonce {
  return parseNonce(randomBytes(32).toString('base64'));
}

/** Of what is held, the members that a request has. */
function holdsOf({ identity: { service, serviceAnchors }, state }: Agent): BootstrapRequest['holds'] {
  const { holding, floors } = state.current;
  const { claim, profiles } = holding;
  return {
    ...(claim && { claim: { ...parseClaim(claim.payload, service), digest: digestOf(claim.payload) } }),
    profiles: profiles.map(({ envelope: { payload } }) => ({
      ...parseSecurityProfile(payload, service),
      digest: digestOf(payload),
    })),
    revocations: heldRevocations(floors.revocations, serviceAnchors),
  };
}
