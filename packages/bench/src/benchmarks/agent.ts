/** What the agent asks of a device: bytes of its core and of the whole, memory beside a bare Node, time beside a bare TLS handshake. */
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  handshakeArgv,
  MOST_HANDSHAKES,
  mustRun,
  type ProxyProcess,
  type Relay,
  type RunningProcess,
  startRelay,
} from '@windlass/lab';
import { build } from 'esbuild';
import { type Measured, median, type Unit } from '../figure.ts';
import { agentArgv, startBareNode, startInspectedService, startRun } from '../inspected-service.ts';
import { built, serviceName } from '../installation.ts';
import { residentBytesOf } from '../process-figures.ts';
import type { Bench } from '../run-benchmark.ts';

const mostCoreBytes = 61_440;
const mostMemory = 1.3;
/** After the first exchange; the service says how soon. */
const refreshes = 10;
const refreshSeconds = 1;
const lookEveryMs = 100;
const runs = 3;
const samples = 9;
const sampleEveryMs = 200;
const settleMs = 2_000;
const mebibyte = 1024 * 1024;

/** Bundle, memory and time of the agent are reported. */
export async function measureAgent(bench: Bench): Promise<void> {
  await measureBundle(bench);
  const { proxy, makeDevice } = await startInspectedService(bench, { refreshSeconds });
  await measureTime(bench, proxy, makeDevice);
  const relay = await startRelay(proxy.addresses.https);
  bench.atEnd(relay.close);
  const through = ['--connect-to', `*:443=${relay.address.host}:${relay.address.port}`];
  await measureWire(bench, relay, await makeDevice('WIRE-0001', through));
  await measureMemory(bench, await makeDevice('MEMORY-0001'));
}

/** Names of modules that the text of an ES module imports and that are neither Node's own nor one of our files beside it. */
export function foreignImports(text: string): readonly string[] {
  // What is no module's name stands in a text or a template.
  const found = text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*["']([@\w./:-]+)["']/g);
  const names = [...new Set([...found].map(([, name]) => name ?? ''))];
  return names.filter((name) => !isBuiltin(name) && !/^\.\/windlass-agent-[a-z]+\.mjs$/.test(name));
}

async function measureBundle(bench: Bench): Promise<void> {
  const core = await readBundle('windlass-agent-core.mjs');
  const limit = { kind: 'hard', most: mostCoreBytes } as const;
  bench.report({ ...figure('core, minified', core.length, 'bytes'), limit });
  for (const [name, bytes] of await bytesByPackage()) {
    bench.report(figure(`of it ${name}`, bytes, 'bytes'));
  }
  bench.report(figure('core, minified and gzipped', gzipSync(core).length, 'bytes'));
  const sizes: (readonly [string, Buffer])[] = [];
  for (const name of await shippedFiles()) sizes.push([name, await readBundle(name)]);
  for (const [name, { length }] of sizes) bench.report(figure(`${name}, minified`, length, 'bytes'));
  const texts = [core, ...sizes.map(([, bundle]) => bundle)].map((bundle) => bundle.toString('utf8'));
  const foreign = [...new Set(texts.flatMap(foreignImports))];
  if (foreign.length > 0) bench.say(`the bundles import ${foreign.join(', ')}`);
  const none = { kind: 'hard', most: 0 } as const;
  bench.report({ ...figure('modules imported that are not Node’s own', foreign.length, 'count'), limit: none });
}

/** What lies on a device: the program and what it loads from beside itself. The core is what other programs embed. */
async function shippedFiles(): Promise<readonly string[]> {
  const names = await readdir(built('agent/dist'));
  return names.filter((name) => /^windlass-agent.*\.mjs$/.test(name) && name !== 'windlass-agent-core.mjs').sort();
}

async function readBundle(name: string): Promise<Buffer> {
  const file = built(`agent/dist/${name}`);
  return readFile(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be read: run "npm run build" first`, { cause });
  });
}

/** What each of our packages contributes to the core, in bytes after minification, the largest first. */
async function bytesByPackage(): Promise<readonly (readonly [string, number])[]> {
  const { metafile } = await build({
    entryPoints: [built('agent/src/core.ts')],
    outfile: built('agent/dist/windlass-agent-core.mjs'),
    write: false,
    metafile: true,
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'es2022', minify: true, legalComments: 'none' },
    conditions: ['source'],
  });
  const sizes = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs),
  )) {
    const name = /packages\/([^/]+)\//.exec(`packages/${relative(built(''), resolve(file))}`)?.[1] ?? 'others';
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  return [...sizes].sort(([, a], [, b]) => b - a);
}

async function measureTime(
  bench: Bench,
  { addresses }: ProxyProcess,
  makeDevice: (serial: string) => Promise<string>,
): Promise<void> {
  bench.say(`${runs} first bootstraps and ${runs} bare TLS handshakes through the proxy, in turn`);
  const handshake = handshakeArgv({ name: serviceName, port: 443, connectTo: addresses.https });
  const devices = ['TIME-0001', 'TIME-0002', 'TIME-0003'].slice(0, runs);
  const directories: string[] = [];
  for (const serial of devices) directories.push(await makeDevice(serial));
  // The proxy makes its leaf for the name once.
  await mustRun(handshake);
  const bare: number[] = [];
  const bootstrap: number[] = [];
  for (const directory of directories) {
    bare.push(await wallMs(handshake));
    bootstrap.push(await wallMs(agentArgv('bootstrap', directory)));
  }
  bench.report(figure('wall time of a first bootstrap, process and all', median(bootstrap), 'ms'));
  bench.report(figure('wall time of a bare TLS handshake, process and all', median(bare), 'ms'));
  const limit = { kind: 'hard', most: MOST_HANDSHAKES } as const;
  bench.report({ ...figure('first bootstrap / bare TLS handshake', median(bootstrap) / median(bare), 'x'), limit });
}

/** All that goes over the wire, handshakes and all: TCP's content of every connection of the exchange. */
async function measureWire(bench: Bench, relay: Relay, device: string): Promise<void> {
  bench.say('the bytes of a first bootstrap and of a refresh, TLS and all');
  for (const what of ['first bootstrap', 'refresh, nothing new']) {
    const [before, connections] = [relay.bytes(), relay.connections.length];
    await mustRun(agentArgv('bootstrap', device));
    const after = relay.bytes();
    bench.report(figure(`${what}: connections`, relay.connections.length - connections, 'count'));
    bench.report(figure(`${what}: sent, TLS and all`, after.sent - before.sent, 'bytes'));
    bench.report(figure(`${what}: received, TLS and all`, after.received - before.received, 'bytes'));
  }
}

async function measureMemory(bench: Bench, device: string): Promise<void> {
  bench.say(`memory of the agent after a bootstrap and ${refreshes} refreshes, and of a bare Node`);
  const agent = await startRun(bench, device);
  const bare = await startBareNode(bench);
  await untilRefreshed(device);
  await sleep(settleMs);
  const [ours, theirs] = [await residentBytes(agent), await residentBytes(bare)];
  bench.report(figure('resident memory of windlass-agent run', ours / mebibyte, 'MiB'));
  bench.report(figure('resident memory of a bare Node', theirs / mebibyte, 'MiB'));
  const limit = { kind: 'hard', most: mostMemory } as const;
  bench.report({ kind: 'measured', name: 'memory of the agent / bare Node', value: ours / theirs, unit: 'x', limit });
}

/** Each answer that was accepted leaves its nonce in the state. */
async function untilRefreshed(device: string): Promise<void> {
  const seen = new Set<string>();
  while (seen.size <= refreshes) {
    const { state } = JSON.parse(await readFile(join(device, 'state', 'state.json'), 'utf8')) as {
      readonly state: { readonly lastNonce: string };
    };
    seen.add(state.lastNonce);
    await sleep(lookEveryMs);
  }
}

async function residentBytes({ pid }: RunningProcess): Promise<number> {
  const values: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    values.push(await residentBytesOf(pid));
    await sleep(sampleEveryMs);
  }
  return median(values);
}

async function wallMs(argv: readonly string[]): Promise<number> {
  const started = performance.now();
  await mustRun(argv);
  return performance.now() - started;
}

function figure(name: string, value: number, unit: Unit): Measured {
  return { kind: 'measured', name, value, unit };
}
