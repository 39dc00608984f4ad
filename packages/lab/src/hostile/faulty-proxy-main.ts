/**
 * The faulty proxy as a process: `node faulty-proxy-main.js CONFIG.json CONTROL-SOCKET`. The configuration is that of the inspecting
 * proxy; prints `ready {addresses}`. Ends on SIGTERM.
 */
import { optionsFor, readProxyConfig } from '../proxies/proxy-config.ts';
import { serveControl } from './control.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

const [, , configFile, controlSocket = ''] = process.argv;
const options = await optionsFor(await readProxyConfig(configFile));
const proxy = await startFaultyProxy({ ...options, log: (line) => console.log(line) });
const control = await serveControl(proxy, { kind: 'socket', path: controlSocket });
process.once('SIGTERM', () => {
  control.close();
  control.closeAllConnections();
  void proxy.close();
});
console.log(`ready ${JSON.stringify(proxy.addresses)}`);
