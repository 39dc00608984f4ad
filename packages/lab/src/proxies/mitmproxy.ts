/** mitmproxy: HTTP/2 and ALPN forwarded, leaves without authority key identifier, whole messages buffered. Regular (explicit) or transparent. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listensOn } from '../process.ts';
import { writeSecret } from '../test-pki.ts';
import { type BoxOptions, boxPorts, type InspectingBox, inUrl, leadTraffic, writeBoxFiles } from './box.ts';
import type { Address } from './upstream.ts';

export type MitmproxyOptions = BoxOptions & {
  /** The explicit proxy that it goes out by; only in explicit mode. */
  readonly upstream?: Address;
  /** Where it listens; default: where explicit proxies do. */
  readonly port?: number;
};

/** mitmproxy inspects HTTPS on 443 (by redirect, or by CONNECT) and, when transparent, takes plain HTTP on 80 too. Needs 2 to 4 s to start. */
export async function startMitmproxy(options: MitmproxyOptions): Promise<InspectingBox> {
  const { network, mode, pki, upstream, port = boxPorts.explicit } = options;
  const files = await writeBoxFiles('mitmproxy', options);
  const confdir = join(files.directory, 'confdir');
  await mkdir(confdir, { recursive: true, mode: 0o700 });
  // Key and certificate in one file of this name, or it makes a CA of its own.
  const { keyPair, certificatePem } = pki.inspectionCa;
  await writeSecret(join(confdir, 'mitmproxy-ca.pem'), `${keyPair.keyPem}${certificatePem}`);
  const settings = [`confdir=${confdir}`, `ssl_verify_upstream_trusted_ca=${files.upstreamRootsFile}`];
  const mitmdump = await network.start('middlebox', {
    argv: [
      ...['mitmdump', '--mode', mode === 'transparent' ? mode : upstream ? upstreamMode(upstream) : 'regular'],
      ...['--listen-port', String(port), ...settings.flatMap((setting) => ['--set', setting])],
    ],
    logFile: join(files.directory, 'mitmproxy.log'),
    ready: listensOn(port),
    readyWithinMs: 60_000,
    env: { HOME: files.directory, PYTHONUNBUFFERED: '1' },
  });
  const release = await leadTraffic(options, [
    { port: 80, to: port },
    { port: 443, to: port },
  ]);
  return {
    name: 'mitmproxy',
    mode,
    inspectionCa: { pem: certificatePem, ...files },
    ...(mode === 'explicit' ? { explicitProxy: { host: network.addresses.middleboxLan, port } } : {}),
    log: mitmdump.log,
    close: async () => {
      await release();
      await mitmdump.stop();
    },
  };
}

function upstreamMode({ host, port }: Address): string {
  return `upstream:http://${inUrl(host)}:${port}`;
}
