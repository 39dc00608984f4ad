// The routes that a PAC file names for a peer: found, fetched, asked, and remembered for a while.
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import type { Parts } from '../../parts.ts';
import type { Target } from '../../transport/route.ts';
import type { ExplicitProxy } from '../tunnel.ts';
import { evaluate, type PacResult } from './evaluate.ts';
import { type Fetched, type FetchFault, type FetchPaths, fetchFile } from './fetch-file.ts';
import { parseResult } from './parse-result.ts';
import { isHere, type WpadPlaces, wpadUrls } from './wpad.ts';

/** What is configured about PAC files. */
export interface PacConfig {
  /** Where the configuration says that it lies. */
  readonly url: URL | null;
  /** Null: what the network says of it does not count. */
  readonly wpad: WpadPlaces | null;
}

export interface PacOptions extends PacConfig, FetchPaths {
  /** `windlass-agent-pac.mjs`. */
  readonly engine: URL;
  /** In seconds. */
  readonly now: () => number;
  /** Is told, once each, why a file is not used. */
  readonly warn: (sentence: string) => void;
}

export interface PacSource {
  /** The routes for this peer, null for straight; [] where no file says anything of it that can be used. Never rejects. */
  routesTo(target: Target): Promise<readonly Route[]>;
  forget(): void;
}

type Route = ExplicitProxy | null;

/** How long what a file said, and the file, are kept, in milliseconds; how long one that cannot be used is left alone. */
const KEPT_MS = 600_000;
const LEFT_ALONE_MS = 60_000;
const MAX_KEPT = 128;
/** How long a name is looked up for a file. */
const NAME_MS = 3_000;

/** The first file that says something is the one that counts: the configured one, then those that the network names. */
export function createPacSource(parts: Parts, options: PacOptions): PacSource {
  const { url, wpad, warn } = options;
  const told = new Set<string>();
  const files = createKept<Fetched>(({ kind }) => kind === 'file');
  const answers = createKept<readonly Route[]>((routes) => routes.length > 0);
  const say = (file: URL, what: string): void => {
    const sentence = `the proxy configuration ${file.href} ${what}`;
    if (!told.has(sentence)) warn(sentence);
    told.add(sentence);
  };
  const { path } = options;
  const resolve = path.lookup ?? systemLookup;
  const elsewhere = { ...path, lookup: async (name: string) => (await resolve(name)).filter((each) => !isHere(each)) };
  const ask = async (file: URL, target: Target): Promise<readonly Route[]> => {
    const isConfigured = file === url;
    const paths = isConfigured ? options : { ...options, path: elsewhere };
    const fetched = await files.get(file.href, () => fetchFile(parts, paths, file));
    if (fetched.kind === 'fault') {
      say(file, `is not used: ${fetchText(fetched.fault)}`);
      return [];
    }
    const result = await evaluateFor(parts, options, fetched.text, target);
    if (result.kind === 'fault') {
      say(file, `is not used: ${FAULT_TEXT[result.fault]}`);
      return [];
    }
    const { routes, unknown } = parseResult(result.text);
    if (unknown.length > 0) say(file, `names what this agent does not ask: ${unknown.join(', ')}`);
    return isConfigured ? routes : routes.filter((route) => !route || !isHere(route.host));
  };
  return {
    routesTo: (target) =>
      answers.get(`${target.scheme}://${parts.authority(target)}`, async () => {
        for (const file of [...(url ? [url] : []), ...(wpad ? wpadUrls(wpad) : [])]) {
          const routes = await ask(file, target);
          if (routes.length > 0) return routes;
        }
        return [];
      }),
    forget() {
      for (const kept of [files, answers]) kept.clear();
      told.clear();
    },
  };
}

/** Values that are made once, and again when they are old. */
function createKept<T>(isGood: (value: T) => boolean) {
  const values = new Map<string, { readonly value: Promise<T>; until: number }>();
  return {
    get(key: string, make: () => Promise<T>): Promise<T> {
      const known = values.get(key);
      if (known && performance.now() < known.until) return known.value;
      if (values.size >= MAX_KEPT) values.clear();
      const value = make();
      const entry = { value, until: performance.now() + KEPT_MS };
      values.set(key, entry);
      void value.then((made) => {
        if (!isGood(made)) entry.until = performance.now() + LEFT_ALONE_MS;
      });
      return value;
    },
    clear: (): void => values.clear(),
  };
}

/** The file gets no path, no query and no name of this device. */
function evaluateFor(
  parts: Parts,
  { engine, path, now }: PacOptions,
  script: string,
  target: Target,
): Promise<PacResult> {
  const usual = target.scheme === 'https' ? 443 : 80;
  const url = `${target.scheme}://${parts.authority(target, usual)}/`;
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
  const resolve = path.lookup ?? systemLookup;
  return evaluate(engine, { script, url, host: target.host, now: now(), addresses }, (name) => named(name, resolve));
}

async function systemLookup(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** Its addresses, or none in time. */
async function named(name: string, resolve: (name: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  if (!/^[\w-]+(\.[\w-]+)*\.?$/.test(name) || name.length > 253) return [];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((done) => {
    timer = setTimeout(() => done([]), NAME_MS);
  });
  const found = await Promise.race([resolve(name).catch(() => []), late]);
  clearTimeout(timer);
  return found;
}

const FAULT_TEXT: Readonly<Record<Extract<PacResult, { kind: 'fault' }>['fault'], string>> = {
  script: 'it is no script, or fails',
  'no-function': 'it has no FindProxyForURL',
  'no-text': 'it gives no text',
  'result-too-long': 'what it gives is too long',
  'too-much-memory': 'it takes too much memory',
  'too-long': 'it takes too long',
  'no-engine': 'windlass-agent-pac.mjs is not beside the agent, or does not run here',
};

function fetchText(fault: FetchFault): string {
  if (fault === 'no-file') return 'there is no such file';
  if (fault === 'status') return 'what answers there has none (the status is not 200)';
  if (fault === 'too-large') return 'it has more than 256 KiB';
  return `it cannot be fetched (${fault})`;
}
