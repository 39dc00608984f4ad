/** SSLsplit: inspects any protocol over TLS, MQTT on 8883 included, and never checks who it talks to upstream. Transparent only. */
import { join } from 'node:path';
import { listensOn } from '../process.ts';
import { type BoxOptions, boxPorts, type InspectingBox, leadTraffic, writeBoxFiles } from './box.ts';

/** SSLsplit inspects 443 (as HTTPS) and 8883 (as any TLS); plain HTTP on 80 is routed past it. @throws in explicit mode, which it does not have. */
export async function startSslsplit(options: BoxOptions): Promise<InspectingBox> {
  const { network, mode, pki } = options;
  if (mode === 'explicit') throw new Error('sslsplit has no explicit mode: start it transparent');
  const files = await writeBoxFiles('sslsplit', options);
  const any = network.addresses.middleboxLan.includes(':') ? '::' : '0.0.0.0';
  const listen = (kind: 'https' | 'ssl', port: number) => [kind, any, String(port)];
  // `ssl` for 8883: `autossl` stalls now and then. No -D either, whose log holds every byte it sees.
  const sslsplit = await network.start('middlebox', {
    argv: [
      ...['sslsplit', '-k', files.keyFile, '-c', files.certificateFile],
      ...[...listen('https', boxPorts.https), ...listen('ssl', boxPorts.mqtts)],
    ],
    logFile: join(files.directory, 'sslsplit.log'),
    ready: listensOn(boxPorts.https, boxPorts.mqtts),
  });
  const release = await leadTraffic(options, [
    { port: 443, to: boxPorts.https },
    { port: 8883, to: boxPorts.mqtts },
  ]);
  return {
    name: 'sslsplit',
    mode,
    inspectionCa: { pem: pki.inspectionCa.certificatePem, ...files },
    log: sslsplit.log,
    close: async () => {
      await release();
      await sslsplit.stop();
    },
  };
}
