// Makes `windlass-agent-pac.mjs`: what a thread of the agent runs to evaluate PAC files, with the engine, which is others' work, in it and
// their licences at its head. swc does not touch it: the engine's code is not written for what it does. @see decisions/0021
import { readFileSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';

const root = new URL('../', import.meta.url).pathname;

/** The packages of others that are in the file; each LICENSE is copied. */
const ENGINE = ['quickjs-emscripten-core', '@jitl/quickjs-ffi-types', '@jitl/quickjs-singlefile-mjs-release-sync'];

/** What every file for a device is: a module for the oldest Node that it is for. */
export const FOR_DEVICES = {
  metafile: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Writes the file and returns the sources that are in it. */
export async function bundlePac(outfile: string): Promise<readonly string[]> {
  const { metafile } = await build({
    ...FOR_DEVICES,
    entryPoints: [`${root}packages/agent/src/pac/pac.ts`],
    outfile,
    minify: true,
    banner: { js: `/*! This file contains:\n\n${ENGINE.map(licenceOf).join('\n')}*/` },
  });
  const others = Object.keys(metafile.inputs).filter((file) => file.startsWith('node_modules/'));
  const unnamed = others.filter((file) => !ENGINE.some((name) => file.startsWith(`node_modules/${name}/`)));
  if (unnamed.length > 0) throw new Error(`bundle-pac: the licence of ${unnamed.join(', ')} is not in the file`);
  return Object.keys(metafile.inputs);
}

function licenceOf(name: string): string {
  const directory = `${root}node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as { version: string };
  return `${name} ${version}\n\n${readFileSync(`${directory}/LICENSE`, 'utf8').replaceAll('*/', '* /').trim()}\n`;
}
