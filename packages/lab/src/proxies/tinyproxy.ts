/** tinyproxy: an explicit proxy that inspects nothing, lets CONNECT reach 443 only, and can ask for Basic credentials. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listensOn } from '../process.ts';
import { type Box, type BoxOptions, boxPorts, inUrl, leadTraffic, writeBoxFiles } from './box.ts';
import type { Address } from './upstream.ts';

export type TinyproxyOptions = Omit<BoxOptions, 'mode'> & {
  /** `user:password`; with it the proxy answers 407 to whoever does not know them. */
  readonly credentials?: string;
  /** The explicit proxy that it goes out by. */
  readonly upstream?: Address;
  /** Where it listens; default: where explicit proxies do. */
  readonly port?: number;
};

/** tinyproxy is the only way out to 443; what passes it is not inspected. */
export async function startTinyproxy(options: TinyproxyOptions): Promise<Box> {
  const { network, credentials, upstream, port = boxPorts.explicit } = options;
  const { directory } = await writeBoxFiles('tinyproxy', options);
  const config = join(directory, 'tinyproxy.conf');
  const { middleboxLan } = network.addresses;
  const lines = [
    `Listen ${middleboxLan}`,
    `Port ${port}`,
    'Timeout 30',
    'MaxClients 50',
    'ConnectPort 443',
    ...(credentials ? [`BasicAuth ${credentials.replace(':', ' ')}`] : []),
    ...(upstream ? [`Upstream http ${inUrl(upstream.host)}:${upstream.port}`] : []),
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const tinyproxy = await network.start('middlebox', {
    argv: ['tinyproxy', '-d', '-c', config],
    logFile: join(directory, 'tinyproxy.log'),
    ready: listensOn(port),
  });
  const release = await leadTraffic({ ...options, mode: 'explicit' }, []);
  return {
    name: 'tinyproxy',
    mode: 'explicit',
    explicitProxy: { host: middleboxLan, port },
    log: tinyproxy.log,
    close: async () => {
      await release();
      await tinyproxy.stop();
    },
  };
}
