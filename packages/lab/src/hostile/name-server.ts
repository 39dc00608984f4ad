/** A network whose name server gives one answer to every question: in the device's namespace, in place of its own names. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabNetwork } from '../network.ts';
import { logContains, nodeScript } from '../process.ts';

/** Every name that the device asks for is `answer` now, or unknown where it is 'none'. Returns what undoes it. */
export async function rewriteNames(
  network: LabNetwork,
  directory: string,
  answer: string,
): Promise<() => Promise<void>> {
  const resolver = network.addresses.middleboxLan;
  const server = await network.start('middlebox', {
    name: 'the name server',
    argv: [...nodeScript(import.meta.url, './name-server-main'), resolver, '53', answer],
    logFile: join(directory, 'name-server.log'),
    ready: logContains('ready'),
  });
  const undo = [
    await replaceFile(network, 'hosts', '127.0.0.1 localhost\n'),
    await replaceFile(network, 'resolv.conf', `nameserver ${resolver}\noptions timeout:1 attempts:1\n`),
  ];
  return async () => {
    for (const each of undo) await each();
    await server.stop();
  };
}

/** What programs of the device see as /etc/FILE when they start. */
async function replaceFile({ namespaces }: LabNetwork, file: string, text: string): Promise<() => Promise<void>> {
  const path = join('/etc/netns', namespaces.device, file);
  const before = await readFile(path);
  await writeFile(path, text);
  return () => writeFile(path, before);
}
