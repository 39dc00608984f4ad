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
import type { Agent } from './agent.ts';
import { climb, type NoReply, type Reply } from './ladder.ts';
import { AGENT_VERSION } from './version.ts';
import type { Visit } from './visit.ts';

/** An answer with the nonce of the request that it must belong to. */
export type Answered = Reply & { readonly nonce: Nonce };

/** The first answer that comes on any rung, not checked yet, or why there is none. */
export async function ask({ agent, before }: Visit): Promise<Answered | NoReply> {
  const { identity, clock, explicitProxy, stores } = agent;
  const { service, device } = identity;
  let nonce = agent.randomNonce();
  const reply = await climb(agent, before.inspectionCas, {
    to: 'bootstrap',
    isAnswer,
    on(path) {
      agent.tell({ kind: 'path', path });
      nonce = agent.randomNonce(); // spec S5: one for each request
      return encodeRequest({
        service,
        device,
        nonce,
        holds: holdsOf(agent),
        clock: clock.read(),
        path: { ...path, ...(explicitProxy && { explicitProxy }) },
        agent: { version: AGENT_VERSION, stores: stores.map(({ name }) => name) },
      });
    },
  });
  return reply.kind === 'answer' ? { ...reply, nonce } : reply;
}

function holdsOf({ identity, state }: Agent): BootstrapRequest['holds'] {
  const { claim, profiles } = state.current.holding;
  const { service } = identity;
  return {
    ...(claim && {
      claim: { generation: parseClaim(claim.payload, service).generation, digest: digestOf(claim.payload) },
    }),
    profiles: profiles.map(({ envelope: { payload } }) => {
      const { network, epoch, sequence } = parseSecurityProfile(payload, service);
      return { network, epoch, sequence, digest: digestOf(payload) };
    }),
  };
}
