/** Our inspecting proxy as a process of its own, seen from the parent: its start and its log. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logContains, nodeScript, startProcess } from '../process.ts';
import type { Entrance } from './inspecting-proxy.ts';
import type { ProxyProcessConfig } from './proxy-config.ts';
import type { Address } from './upstream.ts';

export type ProxyProcessOptions = Omit<ProxyProcessConfig, 'caFile'> & {
  /** Private directory of this proxy; configuration, CA file and log go there. Must exist. */
  readonly directory: string;
  /** Put before the command, for instance `network.inNamespace('middlebox', [])`. */
  readonly prefix?: readonly string[];
};

export interface ProxyProcess {
  readonly pid: number;
  readonly addresses: Readonly<Record<Entrance, Address>>;
  /** The certificate that signs the leaves. */
  readonly inspectionCaPem: string;
  readonly inspectionCaFile: string;
  /** The lines about intercepted connections so far. */
  readonly intercepted: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** The proxy runs as its own process and listens. @throws with the end of its log when it does not start. */
export async function startInspectingProxyProcess(options: ProxyProcessOptions): Promise<ProxyProcess> {
  const { directory, prefix = [], ...rest } = options;
  const caFile = join(directory, 'inspection-ca.pem');
  const configFile = join(directory, 'proxy.json');
  const config: ProxyProcessConfig = { ...rest, caFile };
  await writeFile(configFile, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  const child = await startProcess({
    name: 'the inspecting proxy',
    argv: [...prefix, ...nodeScript(import.meta.url, './inspecting-proxy-main'), configFile],
    logFile: join(directory, 'proxy.log'),
    ready: logContains('ready {'),
  });
  return {
    pid: child.pid,
    addresses: readyLine(await child.log()),
    inspectionCaPem: await readFile(caFile, 'utf8'),
    inspectionCaFile: caFile,
    intercepted: async () => (await child.log()).split('\n').filter((line) => line.startsWith('intercepted ')),
    close: child.stop,
  };
}

/** The addresses in the line `ready {...}` of a proxy's log. */
export function readyLine(log: string): Readonly<Record<Entrance, Address>> {
  const line = /^ready (\{.*\})$/m.exec(log)?.[1] ?? '{}';
  return JSON.parse(line) as Readonly<Record<Entrance, Address>>;
}
