// Devices with one fault each: the model has to find every one of them, or it shows nothing.
import { standingOf } from '../../active-trust.ts';
import type { AgentState } from '../../state/agent-state.ts';
import type { TestAgent } from '../test-agent.ts';
import type { Planted } from './life.ts';

/** The device, its state seen through `seen`. */
function withState(agent: TestAgent, seen: (state: AgentState) => AgentState): TestAgent {
  const { state } = agent;
  const store = {
    get current() {
      return seen(state.current);
    },
    commit: (next: AgentState) => state.commit(next),
  };
  return { ...agent, state: store };
}

/** What each is told by, and the device. */
export const planted: Readonly<Record<string, readonly [found: string, device: Planted]>> = {
  'does not keep to the signed wait': [
    'nothing is sent before the signed time',
    {
      core: (core) => ({
        ...core,
        async bootstrap(agent) {
          const result = await core.bootstrap(agent);
          const { kind } = result.next;
          return kind === 'retry' ? { ...result, next: { kind: 'back-off' as const } } : result;
        },
      }),
    },
  ],
  'forgets the signed wait when it is started again': [
    'nothing is sent before the signed time',
    { agent: (agent) => withState(agent, ({ notBefore: _, ...state }) => state) },
  ],
  'forgets what was active when it is started again': [
    'what was active is active after a restart',
    {
      agent(agent) {
        const found = agent.state.current.holding;
        return withState(agent, (state) =>
          state.holding === found ? { ...state, holding: { ...found, active: null } } : state,
        );
      },
    },
  ],
  'accepts older profiles': [
    'no older profile is accepted',
    {
      agent(agent) {
        const { state } = agent;
        const seen = withState(agent, (each) => ({ ...each, floors: { ...each.floors, networks: {} } }));
        const commit = (next: AgentState): void => {
          const networks = { ...state.current.floors.networks, ...next.floors.networks };
          state.commit({ ...next, floors: { ...next.floors, networks } });
        };
        return { ...seen, state: Object.create(seen.state, { commit: { value: commit } }) };
      },
    },
  ],
  'begins its floors anew when it is started again': [
    'no floor goes back',
    {
      agent(agent) {
        const { state } = agent;
        const { current } = state;
        state.commit({ ...current, floors: { ...current.floors, generation: 0 } });
        return agent;
      },
    },
  ],
  'keeps what it trusted on another network': [
    'nothing is trusted where nothing signs',
    {
      agent: (agent) =>
        withState(agent, (state) => {
          const { holding } = state;
          const active = holding.active ?? holding.profiles[0]?.network ?? null;
          return { ...state, holding: active === holding.active ? holding : { ...holding, active } };
        }),
    },
  ],
  'does not choose among what it holds': [
    'of what was confirmed counts what signs here',
    {
      agent: (agent) =>
        withState(agent, (state) => {
          const profiles = state.holding.profiles.map((held) => ({ ...held, confirmed: false }));
          return { ...state, holding: { ...state.holding, profiles } };
        }),
    },
  ],
  'trusts what has ended': [
    'what is trusted is in an accepted profile that is in force',
    {
      agent(agent) {
        const { clock } = agent;
        const { time } = agent.state.current.floors;
        const stopped = Object.create(clock, { read: { value: () => ({ ...clock.read(), time }) } });
        const { connect } = agent.transport;
        const transport = {
          ...agent.transport,
          connect: (...[scheme, trust]: Parameters<typeof connect>) => connect(scheme, { ...trust, ...clock.read() }),
        };
        return { ...agent, transport, clock: stopped };
      },
    },
  ],
  'writes its bundle before its state': [
    'no store is ahead of the state',
    {
      agent(agent) {
        const { state, stores, identity, clock } = agent;
        const commit = (next: AgentState): void => {
          for (const store of stores) store.write(standingOf(next.holding, identity, clock.read().time));
          state.commit(next);
        };
        return {
          ...agent,
          state: Object.defineProperty({ commit } as typeof state, 'current', { get: () => state.current }),
        };
      },
    },
  ],
  'leaves in its bundle what is dropped': [
    'the bundle has what is trusted',
    {
      agent(agent) {
        const stores = agent.stores.map((store) => ({
          ...store,
          write: (active: Parameters<typeof store.write>[0]): void => {
            if (active.inspectionCas.length > 0 || !agent.bundle().includes('windlass')) store.write(active);
          },
        }));
        return { ...agent, stores };
      },
    },
  ],
  'gives up after failures': [
    'it comes back when the network does',
    {
      core: (core) => ({
        ...core,
        async bootstrap(agent) {
          const result = await core.bootstrap(agent);
          return { ...result, next: { kind: 'retry' as const, seconds: 50_000 } };
        },
      }),
    },
  ],
};
