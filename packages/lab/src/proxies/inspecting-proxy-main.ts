/**
 * Our inspecting proxy as a process: `node inspecting-proxy-main.js CONFIG.json`. Makes its CA at start unless one is given, writes
 * it to `caFile`, prints `ready {addresses}` and then a line for each connection it read. Ends on SIGTERM.
 */
import { startInspectingProxy } from './inspecting-proxy.ts';
import { optionsFor, readProxyConfig } from './proxy-config.ts';

const config = await readProxyConfig(process.argv[2]);
const proxy = await startInspectingProxy({ ...(await optionsFor(config)), log: (line) => console.log(line) });
process.once('SIGTERM', () => void proxy.close());
console.log(`ready ${JSON.stringify(proxy.addresses)}`);
