// Where the agent keeps its state, and the trust stores that it fills.
import { join } from 'node:path';
import { type JsonValue, parseId } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import type { Members } from './members.ts';

/** The agent's own TLS is one more in a report. */
const MAX_STORES = 15;

/** The configuration itself is in `file`. @throws ConfigError */
export function readState(
  members: Members,
  file: string,
): Pick<AgentConfig, 'stateDirectory' | 'floorsDirectory' | 'trustStores'> {
  const stateDirectory = members.path('stateDirectory');
  const floorsDirectory = members.has('floorsDirectory') ? members.path('floorsDirectory') : stateDirectory;
  const own = ['state.json', 'agent.lock', 'work.lock'].map((name) => join(stateDirectory, name));
  const kept = [file, ...own, join(floorsDirectory, 'floors.json')];
  const trustStores = members.objects('trustStores', MAX_STORES).map((store) => parseStore(store, kept));
  const names = trustStores.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw members.problem(`"trustStores": two have the name "${twice}": give each a "name" of its own`);
  return { stateDirectory, floorsDirectory, trustStores };
}

function parseStore(store: Members, kept: readonly string[]): AgentConfig['trustStores'][number] {
  const kind = store.oneOf('kind', ['bundle']);
  const parseName = (value: JsonValue): string => parseId(value === 'agent' ? null : value);
  const name = store.parsed(
    'name',
    parseName,
    'letters, digits, dots and dashes, and not "agent", which is our own TLS',
    kind,
  );
  return { kind, name, path: store.pathBeside('path', kept) };
}
