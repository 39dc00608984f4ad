// agent.json: read, checked, and turned into what the agent works with, a file per topic. Everything an operator can get wrong is one
// sentence.
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type JsonValue, parseStrictJson } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import { type ClockConfig, readClock } from './clock.ts';
import type { Variables } from './environment-proxies.ts';
import { readText } from './files.ts';
import { readIdentity } from './identity.ts';
import { jsonFaultOf } from './json-fault.ts';
import { ConfigError, Members } from './members.ts';
import { readNetwork } from './network.ts';
import { type ReadPortal, readPortal } from './portal.ts';
import { type ReadProxies, readProxies } from './proxies.ts';
import { readState } from './state.ts';

/** With sentences about what works and should be changed. */
export interface ReadConfig extends AgentConfig, ClockConfig {
  readonly proxies: ReadProxies['proxies'];
  readonly portal: ReadPortal;
  readonly warnings: readonly string[];
}

/** The configuration in `file`; `variables`: the environment, which counts where the file says so. @throws ConfigError */
export function readConfig(file: string, variables: Variables = process.env): ReadConfig {
  const members = new Members(file, parseFile(file), dirname(file));
  const portal = readPortal(members);
  const { warnings, ...proxies } = readProxies(members, variables, portal.leaseFiles);
  const config = {
    ...readIdentity(members),
    ...readNetwork(members),
    ...proxies,
    portal,
    ...readClock(members),
    ...readState(members, resolve(file)), // after all that name files: bundles keep away from them
  };
  return { ...config, warnings: [...warningsOf(members), ...warnings] };
}

/** What others must not read, where it is in a file of its own. */
const SECRET_FILES = ['deviceKey', 'labelCode'];
const READABLE_BY_OTHERS = 0o077;

function parseFile(file: string): JsonValue {
  const text = readText(file, 'configuration');
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${jsonFaultOf(text)}.`, { cause: error });
  }
}

function warningsOf(members: Members): readonly string[] {
  const secrets = SECRET_FILES.filter((name) => members.has(name)).map((name) => members.path(name));
  const open = secrets.filter((secret) => (statSync(secret).mode & READABLE_BY_OTHERS) !== 0);
  return [
    ...members.unknown(),
    ...open.map((secret) => `${secret} can be read by others than its owner: chmod 600 it.`),
  ];
}
