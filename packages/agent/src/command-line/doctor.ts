// `windlass-agent doctor`: hands to the doctor what it needs of the agent.
import { explainTrouble } from '@windlass/protocol';
import type { Agent } from '../agent.ts';
import type { AgentConfig } from '../open-agent.ts';
import type { ProxyRoutes } from '../proxies/proxies.ts';
import { loadDoctor } from './beside.ts';
import { doctorPorts } from './doctor-ports.ts';
import type { PortalConfig } from './portal.ts';

interface Choices {
  readonly json: boolean;
  readonly forIt: boolean;
  readonly offline: boolean;
}

/** The exit code of the diagnosis, which was told. Nothing is written, and no lock taken: `run` may be working. @throws ConfigError */
export async function examine(
  agent: Agent,
  config: AgentConfig & PortalConfig & { readonly routes: ProxyRoutes },
  { json, forIt, offline }: Choices,
  { out, err }: { out(line: string): void; err(line: string): void },
): Promise<number> {
  const { runDoctor } = await loadDoctor();
  const { service } = agent.identity;
  return runDoctor(await doctorPorts(agent, { ...config, service }, { offline }), { out, err, json, forIt });
}

/** The help of the doctor: each verdict with its exit code. @throws ConfigError */
export async function helpWithDoctor(out: (line: string) => void): Promise<number> {
  const { helpLines } = await loadDoctor();
  for (const line of helpLines(explainTrouble)) out(line);
  return 0;
}

/** What the doctor calls the end of an exchange; without the doctor reports have no trouble, and everything else is as ever. */
export const troubleByDoctor: Agent['troubleIn'] = (end) =>
  loadDoctor().then(
    ({ troubleIn }) => troubleIn(end, 'explicitProxy' in end),
    () => null,
  );
