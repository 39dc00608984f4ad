// `windlass-agent status`: what is trusted now, from the state on the disk alone.
import { formatTime } from '@windlass/protocol';
import type { Agent } from './agent.ts';
import { exitCodeOf, forPrograms, type Result } from './result.ts';
import { anchorText, describeAnchor } from './story.ts';
import { standingNow } from './visit.ts';

/** What is trusted now was printed; the exit code is the one of the exchange that led there. Nothing was written or sent. */
export function showStatus(agent: Agent, out: (line: string) => void, json: boolean): number {
  const { organization, network, inspectionCas, fault } = standingNow(agent);
  const { outcome: last, previous, holding, floors } = agent.state.current;
  const anchors = inspectionCas.map(describeAnchor);
  const outcome = outcomeOf(anchors.length, last);
  const systemClock = agent.clock.systemClockFault();
  const networks = holding.profiles.map((profile) => profile.network);
  const shown = {
    outcome,
    organization,
    network,
    confirmed: previous === null,
    inspectionCas: anchors,
    networks,
    fault,
    systemClock,
  };
  if (json) out(JSON.stringify({ ...forPrograms(shown), lastSignedTime: formatTime(floors.time) }));
  else {
    const where = organization ? `${organization}${network ? `/${network}` : ''}` : 'no organization';
    out(`${last === null ? 'no exchange yet' : outcome}: ${where}${previous ? ', not confirmed yet' : ''}`);
    for (const anchor of anchors) out(anchorText(anchor));
    if (anchors.length === 0) out(`no inspection CA is trusted${fault ? ` (${fault})` : ''}`);
    if (systemClock) out(systemClock);
  }
  return exitCodeOf(outcome);
}

function outcomeOf(anchors: number, last: Agent['state']['current']['outcome']): Result['outcome'] {
  if (anchors > 0) return 'active';
  return last === null || last === 'granted' ? 'no-answer' : last;
}
