// Where the agent keeps its state, and the trust stores that it fills.
import { join } from 'node:path';
import { type JsonValue, parseId } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import type { Members } from './members.ts';

/** The agent's own TLS is one more in a report. */
const MAX_STORES = 15;

/** Members that name files which a bundle must not take the place of. */
const FILES = ['serviceAnchor', 'deviceCertificate', 'deviceKey', 'labelCode', 'systemRoots', 'tlsAnchor'];

/** `file`: the configuration itself. @throws ConfigError */
export function readState(
  members: Members,
  file: string,
): Pick<AgentConfig, 'stateDirectory' | 'floorsDirectory' | 'trustStores'> {
  const stateDirectory = members.path('stateDirectory');
  const floorsDirectory = members.has('floorsDirectory') ? members.path('floorsDirectory') : stateDirectory;
  const own = [join(stateDirectory, 'state.json'), join(floorsDirectory, 'floors.json')];
  const kept = [file, ...own, ...FILES.filter((name) => members.has(name)).map((name) => members.path(name))];
  return {
    stateDirectory,
    floorsDirectory,
    trustStores: members.objects('trustStores', MAX_STORES).map((store) => parseStore(store, kept)),
  };
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
