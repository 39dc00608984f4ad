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
  /** Everything it printed. */
  readonly log: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The proxy runs as its own process and listens. @throws with the end of its log when it does not start. */
export function startInspectingProxyProcess(options: ProxyProcessOptions): Promise<ProxyProcess> {
  return startProxyScript('the inspecting proxy', nodeScript(import.meta.url, './inspecting-proxy-main'), options);
}

/** As startInspectingProxyProcess for any script that takes the same configuration and prints the same ready line. */
export async function startProxyScript(
  name: string,
  script: readonly string[],
  options: ProxyProcessOptions,
  more: readonly string[] = [],
): Promise<ProxyProcess> {
  const { directory, prefix = [], ...rest } = options;
  const caFile = join(directory, 'inspection-ca.pem');
  const configFile = join(directory, 'proxy.json');
  const config: ProxyProcessConfig = { ...rest, caFile };
  await writeFile(configFile, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  const child = await startProcess({
    name,
    argv: [...prefix, ...script, configFile, ...more],
    logFile: join(directory, 'proxy.log'),
    ready: logContains('ready {'),
  });
  return {
    pid: child.pid,
    addresses: readyLine(await child.log()),
    inspectionCaPem: await readFile(caFile, 'utf8'),
    inspectionCaFile: caFile,
    intercepted: async () => (await child.log()).split('\n').filter((line) => line.startsWith('intercepted ')),
    log: child.log,
    close: child.stop,
  };
}

function readyLine(log: string): Readonly<Record<Entrance, Address>> {
  const line = /^ready (\{.*\})$/m.exec(log)?.[1] ?? '{}';
  return JSON.parse(line) as Readonly<Record<Entrance, Address>>;
}
