// Which held profile counts on the network that the device is on, by who signs the chain there and without an answer: so also where the
// service is gone. The next answer decides. @see spec C7
import { keyOf } from '@windlass/protocol';
import { type Standing, standingOf } from './active-trust.ts';
import { type Agent, trustView } from './agent.ts';
import type { Connection } from './ports.ts';
import type { Holding } from './state/agent-state.ts';
import { fillStores } from './stores.ts';
import { standingNow } from './visit.ts';

/** `connection`, or one that another held profile validates, which is active from then on; none is where a root signed. */
export async function roam(agent: Agent, connection: Connection): Promise<Connection> {
  const { holding, previous } = agent.state.current;
  const { failure, rung, issuer } = connection;
  if (previous) return connection; // the exchange decides about what is active
  if (rung === 1 && !issuer && holding.active) activate(agent, null, null);
  const others = failure === 'unknown-issuer' ? choices(agent) : [];
  const trusted = others.flatMap(({ inspectionCas }) => inspectionCas);
  if (trusted.length === 0) return connection;
  const other = await agent.transport.connect('https', trustView(agent, trusted));
  if ('cause' in other) return connection;
  const key = other.issuer && keyOf(other.issuer);
  const chosen = others.find(({ inspectionCas }) =>
    inspectionCas.some(({ certificate }) => keyOf(certificate) === key),
  );
  (chosen ? connection : other).close();
  if (chosen) activate(agent, chosen.network, key);
  return chosen ? other : connection;
}

/** What each held profile would give that may be chosen: it was confirmed, and nothing newer of its network was accepted. */
function choices({ identity, clock, state }: Agent): readonly Standing[] {
  const { holding, floors } = state.current;
  const newest = Object.values(floors.networks).map(({ digest }) => digest);
  return holding.profiles
    .filter(({ confirmed, network }) => confirmed && network !== holding.active) // spec C7
    .map(({ network }) => standingOf({ ...holding, active: network }, identity, clock.read().time))
    .filter(({ profile }) => profile && newest.includes(profile.digest)); // spec C7
}

/** One durable write, and then the stores. */
function activate(agent: Agent, active: Holding['active'], issuer: Holding['issuer']): void {
  const { state } = agent;
  const { current } = state;
  state.commit({ ...current, holding: { ...current.holding, active, issuer } }); // spec C7
  fillStores(agent, standingNow(agent));
}
