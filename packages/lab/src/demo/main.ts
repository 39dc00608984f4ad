/** `npm run demo`: a device comes online through an inspecting proxy, told step by step. Ends by itself with 0. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { inspectingBoxes } from '../proxies/start-box.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import type { Device } from '../windlass/installation.ts';
import { loopbackStage, namespaceStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';

const help = `npm run demo -- [--proxy own|squid|mitmproxy|sslsplit] [--keep]

  --proxy   own (default): our own inspecting proxy on loopback, no root.
            squid, mitmproxy, sslsplit: the real box between network namespaces (root, Debian).
  --keep    leaves everything running until Ctrl-C, and prints what to try next.

example: npm run demo -- --proxy squid
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(pc.red(`demo: ${error instanceof Error ? error.message : String(error)}`));
  return 1;
});

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      proxy: { type: 'string', default: 'own' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const box = inspectingBoxes.find(({ name }) => name === values.proxy)?.name;
  if (box === undefined && values.proxy !== 'own')
    throw new Error(`there is no proxy "${values.proxy}": choose own, squid, mitmproxy or sslsplit`);
  const started = Date.now();
  const directory = await createTemporaryDirectory('demo');
  try {
    const stage = box === undefined ? await loopbackStage(directory.path) : await namespaceStage(directory.path, box);
    try {
      await play(stage, started, values.keep);
    } finally {
      await stage.close();
    }
  } finally {
    await directory.remove();
  }
  return 0;
}

async function play(stage: Stage, started: number, keep: boolean): Promise<void> {
  const served = await stage.installation.serve();
  try {
    const device = await tellStory(stage);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `\n${pc.green(pc.bold(`The device is online, with full TLS validation, through the proxy. ${seconds} s.`))}`,
    );
    if (keep) await keepRunning(stage, device);
    else
      console.log(
        pc.dim(
          'Everything was in a temporary directory and is gone. --keep leaves it running; --proxy squid does it with the real box.',
        ),
      );
  } finally {
    await served.stop();
  }
}

async function keepRunning(stage: Stage, device: Device): Promise<void> {
  const { serviceDirectory } = stage.installation;
  const where = stage.prefix.length > 0 ? `${stage.prefix.join(' ')} ` : '';
  console.log('\nStill running:');
  for (const [what, url] of Object.entries(stage.urls)) console.log(`  ${what.padEnd(24)} ${url}`);
  console.log('\nTry, in another terminal:');
  const windlass = 'npx --no-install windlass';
  const network = '--organization acme --network plant-a';
  console.log(`  ${where}npx --no-install windlass-agent status --config ${join(device.directory, 'agent.json')}`);
  console.log(`  ${windlass} device show ${device.serial} --dir ${serviceDirectory}`);
  console.log(`  ${windlass} inspection-ca list ${network} --dir ${serviceDirectory}`);
  console.log(`  ${windlass} audit list --dir ${serviceDirectory}`);
  console.log('\nCtrl-C ends it.');
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => undefined, 60_000);
    const end = (): void => {
      clearInterval(timer);
      resolve();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
}
