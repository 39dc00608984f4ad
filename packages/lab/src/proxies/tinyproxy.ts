/** tinyproxy: an explicit proxy that inspects nothing, lets CONNECT reach 443 only, and can ask for Basic credentials. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listensOn } from '../process.ts';
import { type Box, type BoxOptions, boxPorts, leadTraffic, writeBoxFiles } from './box.ts';

export type TinyproxyOptions = Omit<BoxOptions, 'mode'> & {
  /** `user:password`; with it the proxy answers 407 to whoever does not know them. */
  readonly credentials?: string;
};

/** tinyproxy is the only way out to 443; what passes it is not inspected. */
export async function startTinyproxy(options: TinyproxyOptions): Promise<Box> {
  const { network, credentials } = options;
  const { directory } = await writeBoxFiles('tinyproxy', options);
  const config = join(directory, 'tinyproxy.conf');
  const { middleboxLan } = network.addresses;
  const lines = [
    `Listen ${middleboxLan}`,
    `Port ${boxPorts.explicit}`,
    'Timeout 30',
    'MaxClients 50',
    'ConnectPort 443',
    ...(credentials ? [`BasicAuth ${credentials.replace(':', ' ')}`] : []),
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const tinyproxy = await network.start('middlebox', {
    argv: ['tinyproxy', '-d', '-c', config],
    logFile: join(directory, 'tinyproxy.log'),
    ready: listensOn(boxPorts.explicit),
  });
  const release = await leadTraffic({ ...options, mode: 'explicit' }, []);
  return {
    name: 'tinyproxy',
    mode: 'explicit',
    explicitProxy: { host: middleboxLan, port: boxPorts.explicit },
    log: tinyproxy.log,
    close: async () => {
      await release();
      await tinyproxy.stop();
    },
  };
}
