/** The configuration file of our own proxies when they run as processes, and what becomes of it. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Authority, createAuthority, readAuthority, splitPem } from '../test-pki.ts';
import type { Entrance, InspectingProxyOptions } from './inspecting-proxy.ts';
import type { Routes } from './upstream.ts';

/** What the process reads from its configuration file (JSON, these names). */
export interface ProxyProcessConfig {
  /** Where the CA certificate is written (PEM): what an administrator would export. */
  readonly caFile: string;
  /** A CA made before, PEM files; without it the process makes one. The key must be RSA-2048 or P-256. */
  readonly ca?: { readonly certificateFile: string; readonly keyFile: string };
  /** Name in the subject of a CA made at start. Default `Windlass Lab`. */
  readonly organization?: string;
  /** 'root' (default): a root signs the leaves; 'issuing': an issuing CA under a root that is not sent. */
  readonly hierarchy?: 'root' | 'issuing';
  readonly routes: Routes;
  /** PEM files with the only CAs that are trusted for origins. */
  readonly upstreamRootFiles: readonly string[];
  readonly bind?: { readonly host?: string } & { readonly [K in Entrance]?: number };
}

/** The configuration in this file. @throws one sentence when the file is not given, not JSON, or lacks a required field. */
export async function readProxyConfig(file: string | undefined): Promise<ProxyProcessConfig> {
  if (file === undefined) throw new Error('give the configuration file as the only argument');
  const config = JSON.parse(await readFile(file, 'utf8')) as Partial<ProxyProcessConfig>;
  const { caFile, routes, upstreamRootFiles } = config;
  if (!caFile || !routes || !upstreamRootFiles) {
    throw new Error(`${file} must have caFile, routes and upstreamRootFiles`);
  }
  return { ...config, caFile, routes, upstreamRootFiles };
}

/** The options that a configuration stands for; the CA exists now and its certificate has been written to `caFile`. */
export async function optionsFor(config: ProxyProcessConfig): Promise<InspectingProxyOptions> {
  const authority = await authorityFor(config);
  await writeFile(config.caFile, authority.certificatePem, { mode: 0o644 });
  const roots = await Promise.all(config.upstreamRootFiles.map((file) => readFile(file, 'utf8')));
  return {
    authority,
    routes: config.routes,
    upstreamRoots: roots.flatMap(splitPem),
    ...(config.bind ? { bind: config.bind } : {}),
  };
}

async function authorityFor(config: ProxyProcessConfig): Promise<Authority> {
  if (config.ca) {
    const { certificateFile, keyFile } = config.ca;
    return readAuthority(await readFile(certificateFile, 'utf8'), await readFile(keyFile, 'utf8'));
  }
  const organization = config.organization ?? 'Windlass Lab';
  const root = await createAuthority({ subject: `CN=${organization} Inspection CA,O=${organization}` });
  if (config.hierarchy !== 'issuing') return root;
  return createAuthority({ subject: `CN=${organization} Inspection Issuing CA,O=${organization}`, issuer: root });
}
