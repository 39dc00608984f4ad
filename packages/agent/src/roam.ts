// Which held profile counts on the network that the device is on, by who signs the chain there and without an answer: so also where the
// service is gone. The next answer decides. @see spec C7
import { keyOf, parseSecurityProfile } from '@windlass/protocol';
import { standingOf } from './active-trust.ts';
import { type Agent, trustView } from './agent.ts';
import type { Connection } from './ports.ts';
import type { Holding } from './state/agent-state.ts';
import { fillStores } from './stores.ts';
import { retiring, standingNow } from './visit.ts';

/** `connection`, or one that another held profile validates, which is active from then on; none is where a root signed. */
export async function roam(agent: Agent, connection: Connection): Promise<Connection> {
  const { identity, state, clock } = agent;
  const { holding, previous, floors } = state.current;
  const { failure, rung, issuer } = connection;
  if (previous) return connection; // the exchange decides about what is active
  if (rung === 1 && !issuer && holding.active) activate(agent, { ...holding, active: null, issuer: null });
  if (failure !== 'unknown-issuer') return connection;
  const { profiles, active } = holding;
  const known = retiring(
    holding,
    // Of whatever network: nobody is there to ask whether a key is back.
    profiles.flatMap(({ envelope }) => parseSecurityProfile(envelope.payload, identity.service).retire), // spec C7
  );
  const newest = Object.values(floors.networks).map(({ digest }) => digest);
  const others = profiles
    .filter(({ confirmed, network }) => confirmed && network !== active) // spec C7
    .map(({ network }) => standingOf({ ...known, active: network }, identity, clock.read().time))
    .filter(({ profile }) => profile && newest.includes(profile.digest)); // spec C7
  const trusted = others.flatMap(({ inspectionCas }) => inspectionCas);
  if (!trusted[0]) return connection;
  const other = await agent.transport.connect('https', trustView(agent, trusted));
  if ('cause' in other) return connection;
  const { issuer: signer } = other;
  // The very one that was judged: another network may have the same key for other names.
  const chosen = others.find(({ inspectionCas }) => inspectionCas.some(({ certificate }) => certificate === signer));
  (chosen ? connection : other).close();
  if (chosen) activate(agent, { ...known, active: chosen.network, issuer: signer && keyOf(signer) });
  return chosen ? other : connection;
}

/** One durable write, and then the stores. */
function activate(agent: Agent, holding: Holding): void {
  const { state } = agent;
  state.commit({ ...state.current, holding }); // spec C7
  fillStores(agent, standingNow(agent));
}
