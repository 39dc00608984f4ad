/** `npm run lab`: every real box and mode between network namespaces, and what Windlass promises behind it, as a table. */
import pc from 'picocolors';
import { labIsReady } from './can-run-lab.ts';
import { labPackages } from './debian-packages.ts';
import { inspectingBoxes } from './proxies/start-box.ts';
import { boxPromises } from './scenarios/box-promises.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  if (!(await labIsReady('the lab', labPackages))) return 1;
  let broken = 0;
  for (const { name, mode } of inspectingBoxes) {
    console.log(pc.bold(`\n${name}, ${mode}`));
    for (const { promise, kept, detail } of await boxPromises(name, mode)) {
      console.log(`  ${kept ? pc.green('kept  ') : pc.red('BROKEN')} ${promise}`);
      if (!kept) {
        broken += 1;
        console.log(`         ${detail.split('\n').slice(-3).join('\n         ')}`);
      }
    }
  }
  console.log(
    broken === 0 ? pc.green('\nEvery promise was kept behind every box.') : pc.red(`\n${broken} promises were broken.`),
  );
  return broken === 0 ? 0 : 1;
}
