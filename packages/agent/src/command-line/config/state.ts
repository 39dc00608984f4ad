// Where the agent keeps its state, and the trust stores that it fills.
import { type JsonValue, parseId } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import type { Members } from './members.ts';

/** The agent's own TLS is one more in a report. */
const MAX_STORES = 15;

/** @throws ConfigError */
export function readState(members: Members): Pick<AgentConfig, 'stateDirectory' | 'floorsDirectory' | 'trustStores'> {
  const stateDirectory = members.path('stateDirectory');
  return {
    stateDirectory,
    floorsDirectory: members.has('floorsDirectory') ? members.path('floorsDirectory') : stateDirectory,
    trustStores: members.objects('trustStores', MAX_STORES).map(parseStore),
  };
}

function parseStore(store: Members): AgentConfig['trustStores'][number] {
  const kind = store.oneOf('kind', ['bundle']);
  const parseName = (value: JsonValue): string => parseId(value === 'agent' ? null : value);
  const name = store.parsed(
    'name',
    parseName,
    'letters, digits, dots and dashes, and not "agent", which is our own TLS',
    kind,
  );
  return { kind, name, path: store.path('path') };
}
