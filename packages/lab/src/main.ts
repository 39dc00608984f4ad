/** `npm run lab`: every real box and mode between network namespaces, and what Windlass promises behind it, as a table. */
import pc from 'picocolors';
import { labIsReady } from './can-run-lab.ts';
import { labPackages } from './debian-packages.ts';
import { boxPromises, type Promised } from './scenarios/box-promises.ts';
import { boxRows } from './scenarios/box-rows.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  if (!(await labIsReady('the lab', labPackages))) return 1;
  const columns: { readonly box: string; readonly promises: readonly Promised[] }[] = [];
  for (const row of boxRows) {
    process.stderr.write(pc.dim(`${row.name} ...\n`));
    columns.push({ box: row.name, promises: await boxPromises(row) });
  }
  printTable(columns);
  const broken = columns.flatMap(({ box, promises }) =>
    promises.filter(({ kept }) => !kept).map((one) => ({ box, ...one })),
  );
  for (const { box, promise, detail } of broken)
    console.log(pc.red(`\n${box}: ${promise}\n  ${detail.trim().split('\n').slice(-4).join('\n  ')}`));
  console.log(
    broken.length === 0
      ? pc.green('\nEvery promise is kept behind every box.')
      : pc.red(`\n${broken.length} promises are broken.`),
  );
  return broken.length === 0 ? 0 : 1;
}

function printTable(columns: readonly { readonly box: string; readonly promises: readonly Promised[] }[]): void {
  const rows = [...new Set(columns.flatMap(({ promises }) => promises.map(({ promise }) => promise)))];
  const widest = Math.max(...rows.map((row) => row.length));
  console.log(`\n${''.padEnd(widest)}  ${columns.map(({ box }) => pc.bold(box)).join('  ')}`);
  for (const row of rows) {
    const cells = columns.map(({ box, promises }) => {
      const found = promises.find(({ promise }) => promise === row);
      const text = found === undefined ? '-' : found.kept ? 'kept' : 'BROKEN';
      const padded = text.padEnd(box.length);
      return found === undefined ? pc.dim(padded) : found.kept ? pc.green(padded) : pc.red(padded);
    });
    console.log(`${row.padEnd(widest)}  ${cells.join('  ')}`);
  }
}
