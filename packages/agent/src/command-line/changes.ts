// What `windlass-agent run` says: each state of the device once, until it changes, and each anchor that goes, and what makes it ask sooner.
import type { AgentEvent } from '../agent.ts';
import { describeResult } from './described.ts';
import { linesOf, stateText } from './story.ts';

/** Says a change in one line; `more`: the result of the exchange that made it, where one did. */
export type Say = (line: string, more?: object) => void;

/** Takes the events of one agent and says what is new; `said.state` is the state as it was said last. */
export function changesTo(say: Say, service: string, said = { state: '' }): (event: AgentEvent) => void {
  return (event) => {
    if (event.kind === 'dropped' || event.kind === 'noticed') for (const line of linesOf(event, service)) say(line);
    if (event.kind !== 'ended') return;
    const state = stateText(event.result, service);
    if (state !== said.state) say(state, describeResult(event.result, service));
    said.state = state;
  };
}
