// The whole flow of the device on one screen: one signed request down the ladder, section 5 on what comes back, then install or settle.
import { type AcceptedAnswer, acceptAnswer, ProtocolError } from '@windlass/protocol';
import { orRefusal } from './active-trust.ts';
import type { Agent } from './agent.ts';
import { install } from './install.ts';
import { type Answered, ask } from './request.ts';
import type { Result } from './result.ts';
import { roam } from './roam.ts';
import { giveUp, obey, refuse, settle } from './settle.ts';
import { startVisit, type Visit } from './visit.ts';

/** One exchange with the service, to its end: what was accepted is installed and confirmed, or nothing changed and it is said why. */
export async function bootstrap(agent: Agent): Promise<Result> {
  const result = await exchange(startVisit(agent));
  agent.tell({ kind: 'ended', result });
  return result;
}

async function exchange(first: Visit): Promise<Result> {
  const { agent, before } = first;
  const answer = await ask(first, (connection) => roam(agent, connection));
  // What is active may be another profile by now; what was trusted before it is told all the same.
  const visit = { ...startVisit(agent), before };
  return answer.kind === 'no-answer' ? giveUp(visit, answer) : arrive(visit, answer);
}

/** What an answer leads to, however it came. */
export async function arrive(visit: Visit, answer: Answered): Promise<Result> {
  const accepted = judge(visit, answer);
  if (accepted instanceof ProtocolError) return refuse(visit, answer, accepted.code);
  visit.agent.clock.accept(accepted.decision.time); // spec T5
  visit.agent.tell({ kind: 'accepted', accepted });
  const arrived = { ...visit, path: answer.path, nonce: answer.nonce };
  if (accepted.kind === 'granted') return install({ ...arrived, accepted });
  return accepted.kind === 'refused' ? obey({ ...arrived, accepted }) : settle({ ...arrived, accepted });
}

/** All of section 5 on an answer, on every rung alike; without any effect. */
export function judge(
  { agent, send }: Visit,
  { body, payload, nonce, signedAt }: Answered,
): AcceptedAnswer | ProtocolError {
  const { holding, floors, lastNonce } = agent.state.current;
  const { claim, profiles } = holding;
  const held = { ...(claim && { claim }), profiles: profiles.map(({ envelope }) => envelope) };
  const ageSeconds = agent.clock.uptime() - signedAt; // spec D4
  const request = { payload, nonce, ageSeconds, handCarried: !!send };
  const context = { ...agent.identity, request, held, floors, lastNonce, clock: agent.clock.read() };
  return orRefusal(() => acceptAnswer(body, context));
}
