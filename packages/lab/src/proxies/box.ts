/** What all real boxes of the lab have in common: they stand in the middlebox namespace, inspect with a CA of ours, and can be closed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabNetwork } from '../network.ts';
import { type Authority, writeSecret } from '../test-pki.ts';
import type { Address, Routes } from './upstream.ts';

export type BoxMode = 'explicit' | 'transparent';

/** The certificates around a box. */
export interface BoxPki {
  /** Signs what the box presents; a root, or an issuing CA under one. RSA-2048, as boxes have it. */
  readonly inspectionCa: Authority;
  /** PEM: the public web root, and more (a privately certified service). Nothing else is trusted upstream. */
  readonly upstreamRoots: readonly string[];
}

export interface BoxOptions {
  readonly network: LabNetwork;
  readonly pki: BoxPki;
  readonly mode: BoxMode;
  /** Private directory of the caller; the box makes one of its own in it. */
  readonly directory: string;
}

export interface Box {
  readonly name: string;
  readonly mode: BoxMode;
  /** In explicit mode: the address that devices have to be told. The direct way to 443 and 8883 is refused then. */
  readonly explicitProxy?: Address;
  /** What the box's program wrote so far. */
  readonly log: () => Promise<string>;
  /** The program has ended and nothing is redirected or refused any more. */
  readonly close: () => Promise<void>;
}

export interface InspectingBox extends Box {
  readonly inspectionCa: { readonly pem: string; readonly certificateFile: string; readonly keyFile: string };
}

/** Ports in the middlebox namespace, the same in all labs: every lab has a namespace of its own. */
export const boxPorts = { explicit: 3128, http: 3129, https: 3130, mqtts: 3131 } as const;

export interface BoxFiles {
  readonly directory: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly upstreamRootsFile: string;
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Every name and port behind the box, for boxes that do not resolve names themselves. */
export function routesOf(network: LabNetwork): Routes {
  const routes = Object.entries(network.names).flatMap(([name, host]) =>
    [80, 443, 8883].map((port) => [`${name}:${port}`, { host: network.addresses[host], port }] as const),
  );
  return Object.fromEntries(routes);
}

/** The files that every box reads are in `<directory>/<name>`, the key readable by its owner only. */
export async function writeBoxFiles(name: string, options: Pick<BoxOptions, 'directory' | 'pki'>): Promise<BoxFiles> {
  const directory = join(options.directory, name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { inspectionCa, upstreamRoots } = options.pki;
  const files = {
    directory,
    certificateFile: join(directory, 'inspection-ca.pem'),
    keyFile: join(directory, 'inspection-ca.key'),
    upstreamRootsFile: join(directory, 'upstream-roots.pem'),
  };
  await writeFile(files.certificateFile, inspectionCa.certificatePem);
  await writeSecret(files.keyFile, inspectionCa.keyPair.keyPem);
  await writeFile(files.upstreamRootsFile, upstreamRoots.join(''));
  return files;
}

/** The traffic of the mode reaches the box: redirected, or refused on every way around it. Returns what undoes it. */
export async function leadTraffic(
  { network, mode }: BoxOptions,
  redirects: Parameters<LabNetwork['redirect']>[0],
): Promise<() => Promise<void>> {
  if (mode === 'transparent') {
    await network.redirect(redirects);
    return () => network.redirect([]);
  }
  await network.refuseDirect([443, 8883]);
  return () => network.refuseDirect([]);
}
