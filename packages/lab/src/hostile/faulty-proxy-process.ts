/** The faulty proxy as a process of its own, seen from the parent. */
import { join } from 'node:path';
import { nodeScript } from '../process.ts';
import { type ProxyProcess, type ProxyProcessOptions, startProxyScript } from '../proxies/inspecting-proxy-process.ts';
import { connectControl } from './control.ts';
import type { FaultyProxyControl } from './faulty-proxy.ts';

/** The proxy runs as its own process (in a namespace: see `prefix`), listens, and can be controlled. It starts out honest. */
export async function startFaultyProxyProcess(
  options: ProxyProcessOptions,
): Promise<ProxyProcess & FaultyProxyControl> {
  const controlSocket = join(options.directory, 'control.socket');
  const script = nodeScript(import.meta.url, './faulty-proxy-main');
  const proxy = await startProxyScript('the faulty proxy', script, options, [controlSocket]);
  return { ...proxy, ...connectControl({ kind: 'socket', path: controlSocket }) };
}
