/** The faulty proxy standing in the middlebox namespace like any real box: 80, 443 and 8883 led to it, or explicit. */
import { type BoxOptions, boxPorts, type InspectingBox, leadTraffic, routesOf, writeBoxFiles } from '../proxies/box.ts';
import type { FaultyProxyControl } from './faulty-proxy.ts';
import { startFaultyProxyProcess } from './faulty-proxy-process.ts';

/** What it inspects when it is transparent. */
export const faultyBoxRedirects = [
  { port: 80, to: boxPorts.http },
  { port: 443, to: boxPorts.https },
  { port: 8883, to: boxPorts.mqtts },
] as const;

/** The box is up and honest; `behave` reaches it across the namespace's border, through a Unix socket. */
export async function startFaultyBox(options: BoxOptions): Promise<InspectingBox & FaultyProxyControl> {
  const { network, mode, pki } = options;
  const files = await writeBoxFiles('faulty', options);
  const { directory, certificateFile, keyFile, upstreamRootsFile } = files;
  const proxy = await startFaultyProxyProcess({
    directory,
    prefix: network.inNamespace('middlebox', []),
    ca: { certificateFile, keyFile },
    upstreamRootFiles: [upstreamRootsFile],
    routes: routesOf(network),
    bind: { host: '::', ...boxPorts },
  });
  const release = await leadTraffic(options, faultyBoxRedirects);
  return {
    ...proxy,
    name: 'faulty',
    mode,
    inspectionCa: { pem: pki.inspectionCa.certificatePem, certificateFile, keyFile },
    ...(mode === 'explicit'
      ? { explicitProxy: { host: network.addresses.middleboxLan, port: boxPorts.explicit } }
      : {}),
    close: async () => {
      await release();
      await proxy.close();
    },
  };
}
