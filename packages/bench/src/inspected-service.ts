/** A service behind an inspecting proxy whose CA is approved, and the agents that are measured there. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  logContains,
  type ProxyProcess,
  type RunningProcess,
  startInspectingProxyProcess,
  startProcess,
} from '@windlass/lab';
import { built, type Installation, serviceName, startInstallation } from './installation.ts';
import { createServicePki, type ServicePki } from './large-network.ts';
import type { Bench } from './run-benchmark.ts';

export interface InspectedService {
  readonly proxy: ProxyProcess;
  /** The directory of a claimed device behind the proxy, which has Node's roots as the system's, and the service's. `options`: more of `windlass factory device`. */
  readonly makeDevice: (serial: string, options?: readonly string[]) => Promise<string>;
}

/** It ends with the benchmark. `refreshSeconds`: how soon devices ask again; default: as the service is shipped. */
export async function startInspectedService(
  bench: Bench,
  options: { readonly refreshSeconds?: number } = {},
): Promise<InspectedService> {
  bench.say('starting a service and an inspecting proxy');
  const pki = await createServicePki();
  const installation = await startInstallation(bench, pki.server, options);
  const proxy = await startProxy(bench, installation, pki);
  await installation.publish([proxy.inspectionCaFile]);
  const { https, http } = proxy.addresses;
  const routes = [
    '--connect-to',
    `*:443=${https.host}:${https.port}`,
    '--connect-to',
    `*:80=${http.host}:${http.port}`,
  ];
  const roots = join(bench.directory, 'system-roots.pem');
  await writeFile(roots, [...rootCertificates, pki.webRoot.certificatePem].join('\n'));
  const common = ['--system-roots', roots];
  return {
    proxy,
    makeDevice: (serial, more = routes) => installation.makeDevice(serial, [...common, ...more]),
  };
}

async function startProxy(
  bench: Bench,
  { httpPort, httpsPort }: Installation,
  { webRoot }: ServicePki,
): Promise<ProxyProcess> {
  const webRootFile = join(bench.directory, 'web-root.pem');
  await writeFile(webRootFile, webRoot.certificatePem);
  const directory = join(bench.directory, 'proxy');
  await mkdir(directory, { mode: 0o700 });
  const routes = {
    [`${serviceName}:80`]: { host: '127.0.0.1', port: httpPort },
    [`${serviceName}:443`]: { host: '127.0.0.1', port: httpsPort },
  };
  const proxy = await startInspectingProxyProcess({
    directory,
    routes,
    upstreamRootFiles: [webRootFile],
    organization: 'Plant A',
  });
  bench.atEnd(proxy.close);
  return proxy;
}

/** `windlass-agent run`, online. */
export async function startRun(bench: Bench, device: string): Promise<RunningProcess> {
  const agent = await startProcess({
    name: 'windlass-agent run',
    argv: agentArgv('run', device),
    logFile: join(bench.directory, 'agent.log'),
    ready: logContains('active; '),
  });
  bench.atEnd(agent.stop);
  return agent;
}

/** The peer: a Node that has nothing to do. */
export async function startBareNode(bench: Bench): Promise<RunningProcess> {
  const bare = await startProcess({
    name: 'a bare Node',
    argv: [process.execPath, '-e', 'setInterval(()=>{},1e6)'],
    logFile: join(bench.directory, 'bare.log'),
    ready: async () => true,
  });
  bench.atEnd(bare.stop);
  return bare;
}

export function agentArgv(command: string, device: string): readonly string[] {
  return [process.execPath, built('agent/bin/windlass-agent.js'), command, '--config', join(device, 'agent.json')];
}
