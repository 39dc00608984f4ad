/** `npm run lab`: every real box and mode between network namespaces, every fault, and what Windlass promises behind them, as tables. */
import pc from 'picocolors';
import { labIsReady } from './can-run-lab.ts';
import { labPackages } from './debian-packages.ts';
import { type FleetSize, largeFleet, mostShare, runFleet } from './fleet/fleet.ts';
import { type BoxResult, boxPromises, type Promised } from './scenarios/box-promises.ts';
import { boxRows } from './scenarios/box-rows.ts';
import { type FaultResult, tryAllFaults } from './scenarios/fault-rows.ts';
import { MOST_HANDSHAKES, onlineRatio } from './scenarios/online-ratio.ts';
import { trustRows } from './scenarios/trust-promises.ts';

process.exitCode = await main(process.argv.slice(2));

/** Those named of `boxes`, `runtimes`, `faults`, `fleet` and `fleet-limited`; the first three where none is named. */
async function main(names: readonly string[]): Promise<number> {
  if (names.includes('fleet') && !(await tryFleet(largeFleet))) return 1;
  if (names.includes('fleet-limited') && !(await tryFleet({ ...largeFleet, requestsPerSecond: null }))) return 1;
  if (names.length > 0 && names.every((name) => name.startsWith('fleet'))) return 0;
  if (!(await labIsReady('the lab', labPackages))) return 1;
  const wanted = (part: string): boolean => names.length === 0 || names.includes(part);
  const broken = [
    ...(wanted('boxes') ? await tryBoxes() : []),
    ...(wanted('runtimes') ? await tryRuntimes() : []),
    ...(wanted('faults') ? await tryFaults() : []),
  ];
  for (const { where, promise, detail } of broken)
    console.log(pc.red(`\n${where}: ${promise}\n  ${detail.trim().split('\n').slice(-4).join('\n  ')}`));
  console.log(
    broken.length === 0
      ? pc.green('\nEvery promise is kept.')
      : pc.red(`\n${broken.length} ${broken.length === 1 ? 'promise is' : 'promises are'} broken.`),
  );
  return broken.length === 0 ? 0 : 1;
}

interface Broken extends Promised {
  readonly where: string;
}

async function tryBoxes(): Promise<readonly Broken[]> {
  const results: (BoxResult & { readonly name: string; readonly measured: number })[] = [];
  for (const row of boxRows) {
    progress(row.name);
    results.push({ name: row.name, ...(await boxPromises(row, onlineRatio)) });
  }
  const promises = [...new Set(results.flatMap((result) => result.promises.map(({ promise }) => promise)))];
  const letters = promises.map((_, index) => String.fromCharCode('A'.charCodeAt(0) + index));
  console.log(`\n${pc.bold('Boxes')}`);
  for (const [index, promise] of promises.entries()) console.log(`  ${letters[index]}  ${promise}`);
  const widest = widestOf(results);
  console.log(`\n${''.padEnd(widest)}  ${letters.join(' ')}  ${'online'.padStart(6)}  verdict`);
  for (const { name, verdict, measured, promises: tried } of results) {
    const marks = promises.map((promise) => markOf(tried.find((one) => one.promise === promise)?.kept));
    console.log(`${name.padEnd(widest)}  ${marks.join(' ')}  ${`${measured.toFixed(1)}x`.padStart(6)}  ${verdict}`);
  }
  console.log(
    `${''.padEnd(widest)}  online: time of a first bootstrap beside a bare TLS handshake through the same box`,
  );
  return results.flatMap(({ name: where, promises: tried, measured }) => {
    const promise = `online within ${MOST_HANDSHAKES} bare TLS handshakes`;
    const all = [...tried, { promise, kept: measured <= MOST_HANDSHAKES, detail: `${measured.toFixed(1)}x` }];
    return all.filter(({ kept }) => !kept).map((one) => ({ where, ...one }));
  });
}

async function tryRuntimes(): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  for (const { name: where, promises } of trustRows) {
    progress(where);
    const tried = await promises();
    console.log(`\n${pc.bold(where)}`);
    for (const { promise, kept } of tried) console.log(`  ${markOf(kept)} ${promise}`);
    broken.push(...tried.filter(({ kept }) => !kept).map((one) => ({ where, ...one })));
  }
  return broken;
}

async function tryFaults(): Promise<readonly Broken[]> {
  progress('every switch of the faulty proxy');
  const results = await tryAllFaults();
  const widest = widestOf(results);
  console.log(`\n${pc.bold('Faults')}`);
  for (const { name, exit, verdict, kept } of results)
    console.log(`${name.padEnd(widest)}  ${markOf(kept)}  ${String(exit).padStart(2)}  ${verdict}`);
  return results.filter(({ kept }) => !kept).map(brokenFault);
}

async function tryFleet(size: FleetSize): Promise<boolean> {
  const { supervisors, programs, controls, toldSeconds } = size;
  progress(`${supervisors} supervisors and ${programs} agents`);
  const { devices, online, told, took, returns, control, mostMebibytes } = await runFleet(size);
  const most = mostShare(toldSeconds);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const lines: readonly (readonly [string, string, boolean])[] = [
    ['online', `${online} of ${devices}, after ${took.toFixed(0)} s`, online === devices],
    ['first answers', `after ${told.toFixed(1)} s`, true],
    ['came back', `${returns.count} of ${devices - controls}`, returns.count === devices - controls],
    [
      `told ${toldSeconds} s, came after`,
      `${returns.earliest.toFixed(1)} to ${returns.latest.toFixed(1)} s`,
      returns.earliest >= toldSeconds,
    ],
    [
      'in the busiest second',
      `${percent(returns.busiestShare)} (at most ${percent(most)})`,
      returns.busiestShare <= most,
    ],
    ['the same if told at one moment', percent(returns.busiestShareOfTold), returns.busiestShareOfTold <= most],
    [
      'control without jitter: the same',
      `${percent(control.busiestShareOfTold)} (more)`,
      control.busiestShareOfTold > most,
    ],
    ['memory of a process with 250', `${mostMebibytes.toFixed(0)} MiB at most`, true],
  ];
  console.log(`\n${pc.bold('Fleet')}`);
  for (const [what, figure, kept] of lines) console.log(`  ${markOf(kept)} ${what.padEnd(34)} ${figure}`);
  return lines.every(([, , kept]) => kept);
}

function brokenFault({ name: where, expected, detail }: FaultResult): Broken {
  return { where, promise: expected, kept: false, detail };
}

function markOf(kept: boolean | undefined): string {
  if (kept === undefined) return pc.dim('-');
  return kept ? pc.green('✓') : pc.red('✗');
}

function widestOf(named: readonly { readonly name: string }[]): number {
  return Math.max(...named.map(({ name }) => name.length));
}

function progress(what: string): void {
  process.stderr.write(pc.dim(`${what} ...\n`));
}
