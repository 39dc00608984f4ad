// `windlass-agent status`: what is trusted now, from the state on the disk alone.
import { explainTrouble, formatTime, type SecurityProfile } from '@windlass/protocol';
import type { Agent } from '../agent.ts';
import type { Ended } from '../result.ts';
import { standingNow } from '../visit.ts';
import { describeAnchor, exitCodeOf } from './described.ts';
import { clockText, STATE_FAULTS } from './sentences.ts';
import { anchorText } from './story.ts';

/** What is trusted now was printed; the exit code is the one of the exchange that led there. Nothing was written or sent. */
export function showStatus(agent: Agent, out: (line: string) => void, json: boolean): number {
  const { organization, network, inspectionCas, fault, profile } = standingNow(agent);
  const { outcome: last, previous, holding, floors, fault: stateFault, trouble, pending } = agent.state.current;
  const outcome = outcomeOf(inspectionCas.length, last);
  const systemClock = clockText(agent.clock.fault());
  const labelProof = agent.identity.labelKey !== undefined;
  if (json) {
    const networks = holding.profiles.map((profile) => profile.network);
    const anchors = inspectionCas.map(describeAnchor);
    const known = { outcome, organization, network, confirmed: previous === null, inspectionCas: anchors, networks };
    const requested = pending && formatTime(pending.time);
    const untold = { requested, stateFault, trouble: trouble && { ...trouble, since: formatTime(trouble.since) } };
    const told = profile && toldIn(profile.profile);
    out(
      JSON.stringify({
        ...known,
        told,
        fault,
        ...untold,
        systemClock,
        labelProof,
        lastSignedTime: formatTime(floors.time),
      }),
    );
  } else {
    const where = organization ? `${organization}${network ? `/${network}` : ''}` : 'no organization';
    out(`${last === null ? 'no valid answer yet' : outcome}: ${where}${previous ? ', not confirmed yet' : ''}`);
    for (const ca of inspectionCas) out(anchorText(ca));
    if (inspectionCas.length === 0) out(`no inspection CA is trusted${fault ? ` (${fault})` : ''}`);
    if (labelProof) out('takes a claim only with a proof by the code of its label');
    if (systemClock) out(systemClock);
    if (pending) out(`a request of ${formatTime(pending.time)} waits for an answer that is carried back`);
    if (stateFault) out(`not reported yet: ${stateFault}: ${STATE_FAULTS[stateFault]}`);
    if (trouble)
      out(
        `not reported yet: ${trouble.code}, since ${formatTime(trouble.since)}: ${explainTrouble(trouble.code).says}`,
      );
  }
  return exitCodeOf(outcome);
}

/** What the active profile says for other programs of the device: the agent itself sets neither resolvers nor time servers. */
function toldIn({ explicitProxy, noProxy, timeServers, dns, settings }: SecurityProfile): object {
  return { explicitProxy, noProxy, timeServers, dns, settings };
}

function outcomeOf(anchors: number, last: Ended['outcome'] | null): Ended['outcome'] {
  if (anchors > 0) return 'active';
  return last === null || last === 'active' ? 'no-answer' : last;
}
