// For a device that has no way out: its request leaves in a file, and the answer comes back in one. The same checks on it as on every other
// rung; what cannot be done here is to confirm it, so it is active unconfirmed until the service is reached. @see spec C6
import type { Nonce } from '@windlass/protocol';
import { type Agent, trustView } from './agent.ts';
import { arrive } from './bootstrap.ts';
import { signed } from './ladder.ts';
import { confirmByReport, reportOf, type sendReport } from './report.ts';
import { randomNonce, requestOf } from './request.ts';
import type { Result } from './result.ts';
import { standingNow, startVisit } from './visit.ts';

/** A signed request, as text: the answer to it, and to no other one from now on, is what `acceptByHand` takes. */
export async function requestByHand(agent: Agent): Promise<string> {
  const { state, clock, transport } = agent;
  const seen = await transport.connect('https', trustView(agent, standingNow(agent).inspectionCas));
  if ('rung' in seen) seen.close();
  const { failure, presentedChain } = seen;
  const nonce = randomNonce();
  const payload = requestOf(agent, nonce, { rung: 4, failure, presentedChain });
  state.commit({ ...state.current, pending: { nonce, payload, time: clock.read().time } });
  return signed(agent, payload);
}

/** What an answer of that kind came to. */
export interface CarriedResult {
  readonly result: Result;
  /** A signed report for the service, as text, where it has to be carried too. */
  readonly report: string | null;
}

const NOTHING_ASKED = { nonce: '' as Nonce, payload: '', time: 0 };

/** What `body` brought is installed, or nothing changed and it is said why. The request is used up by the former. */
export async function acceptByHand(agent: Agent, body: Uint8Array): Promise<CarriedResult> {
  const { state, clock } = agent;
  const { time, ...request } = state.current.pending ?? NOTHING_ASKED;
  let report: string | null = null;
  const send: typeof sendReport = async (_, trust, content) => {
    const unsent = await confirmByReport(agent, trust, content);
    if (unsent !== null) report = await signed(agent, reportOf(agent, content, 4));
    return unsent;
  };
  const path = { rung: 4, failure: null, presentedChain: [] } as const;
  // By a clock that was put back since it was made later than now: as far from now, on the other side.
  const signedAt = clock.uptime() - Math.abs(time - clock.read().time); // spec C6
  const result = await arrive({ ...startVisit(agent), send }, { ...request, kind: 'answer', body, path, signedAt });
  agent.tell({ kind: 'ended', result });
  return { result, report };
}
