// agent.json: read, checked, and turned into what the agent works with. Everything an operator can get wrong is one sentence.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  type DeviceId,
  type Digest,
  digestOf,
  type JsonValue,
  parseDigest,
  parseId,
  parseSerial,
  parseServiceName,
  parseStrictJson,
  parseTime,
  type ServiceName,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import { type Certificate, parseCertificate, parsePem, subjectAttribute, X509Error } from '@windlass/x509';
import { ConfigError, Members } from './config-members.ts';
import { readDeviceKey } from './device-key/file.ts';
import type { DeviceKey } from './ports.ts';

/** Where the service is reached, with credentials only where the configuration has them. */
export interface ExplicitProxyConfig {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

export interface AgentConfig {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  readonly deviceKey: DeviceKey;
  readonly deviceKeyDigest: Digest;
  readonly stateDirectory: string;
  readonly trustStores: readonly { readonly kind: 'bundle'; readonly name: string; readonly path: string }[];
  /** DER; some may be of a form that the agent itself does not take. */
  readonly systemRoots: readonly Uint8Array[];
  readonly tlsAnchors: readonly Certificate[];
  readonly ports: { readonly http: number; readonly https: number };
  readonly connectTo: Readonly<Record<string, string>>;
  readonly explicitProxy: ExplicitProxyConfig | null;
  readonly clock: 'trusted' | 'untrusted';
  readonly firmwareBuild: UnixSeconds;
  /** Sentences about what works and should be changed. */
  readonly warnings: readonly string[];
}

/** The configuration in `file`. @throws ConfigError */
export function readConfig(file: string): AgentConfig {
  const warnings: string[] = [];
  const members = new Members(file, parseFile(file));
  for (const name of members.names().filter((each) => !KNOWN.includes(each)))
    warnings.push(`${file}: "${name}" is not known and has no effect.`);
  const directory = dirname(resolve(file));
  const path = (name: string): string => resolve(directory, members.text(name));
  const certificates = (name: string): readonly Certificate[] => readCertificates(path(name), name);
  const deviceKey = loadKey(path('deviceCertificate'), certificates('deviceCertificate'), path('deviceKey'), warnings);
  const [leaf] = deviceKey.chain;
  if (!leaf) throw new ConfigError(`${path('deviceCertificate')}: there is no certificate in it.`);
  const deviceKeyDigest = digestOf(leaf.publicKey.der);
  const manufacturer = members.has('manufacturer')
    ? members.parsed('manufacturer', parseDigest, 'the base64 of a SHA-256')
    : deviceKeyDigest;
  return {
    service: members.parsed('service', parseServiceName, 'a DNS name in lower case'),
    serviceAnchors: atMost(4, certificates('serviceAnchor'), 'serviceAnchor'),
    device: { manufacturer, serial: serialOf(leaf, path('deviceCertificate')) },
    deviceKey,
    deviceKeyDigest,
    stateDirectory: path('stateDirectory'),
    trustStores: members
      .list('trustStores', MAX_STORES)
      .map((store) => parseStore(new Members(`${file}: trustStores`, store), directory)),
    systemRoots:
      members.text('systemRoots', 'node') === 'node'
        ? rootCertificates.flatMap((pem) => parsePem(pem).map(({ der }) => der))
        : readDer(path('systemRoots'), 'systemRoots'),
    tlsAnchors: members.has('tlsAnchor') ? certificates('tlsAnchor') : [],
    ports: parsePorts(members),
    connectTo: parseConnectTo(members),
    explicitProxy: members.has('explicitProxy') ? parseProxy(members) : null,
    clock: members.oneOf('clock', ['untrusted', 'trusted']),
    firmwareBuild: members.has('firmwareBuild')
      ? members.parsed('firmwareBuild', parseTime, 'a time like 2026-01-31T08:00:00Z')
      : unixSeconds(0),
    warnings,
  };
}

const KNOWN = [
  'service',
  'serviceAnchor',
  'deviceCertificate',
  'deviceKey',
  'manufacturer',
  'stateDirectory',
  'trustStores',
  'systemRoots',
  'tlsAnchor',
  'ports',
  'connectTo',
  'explicitProxy',
  'clock',
  'firmwareBuild',
];
const MAX_STORES = 15; // and the agent's own TLS is one more in a report
const PEM_LIMITS = { characters: 8_388_608, blocks: 2_048 };
const SERIAL_NUMBER = '2.5.4.5';
const READABLE_BY_OTHERS = 0o077;

function parseFile(file: string): JsonValue {
  const text = readText(file, 'configuration');
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new ConfigError(`${file}: this is not JSON with each member once.`, { cause: error });
  }
}

function parseStore(store: Members, directory: string): AgentConfig['trustStores'][number] {
  const kind = store.oneOf('kind', ['bundle']);
  const name = store.has('name')
    ? store.parsed('name', parseId, 'letters, digits, dots, dashes and underscores')
    : kind;
  if (name === 'agent')
    throw new ConfigError('A trust store cannot have the name "agent": that is the agent\'s own TLS.');
  return { kind, name, path: resolve(directory, store.text('path')) };
}

function parsePorts(members: Members): AgentConfig['ports'] {
  const ports = members.object('ports');
  return { http: ports.port('http', 80), https: ports.port('https', 443) };
}

function parseConnectTo(members: Members): Readonly<Record<string, string>> {
  const overrides = members.object('connectTo');
  return Object.fromEntries(
    overrides.names().map((name) => {
      const target = overrides.text(name);
      if (![name, target].every((each) => /:\d{1,5}$/.test(each)))
        throw new ConfigError(`"connectTo" has "${name}": both sides must be host:port.`);
      return [name, target];
    }),
  );
}

/** The message never quotes the value: it may have a password. */
function parseProxy(members: Members): ExplicitProxyConfig {
  const text = members.text('explicitProxy');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' || url.hostname === '') {
    throw new ConfigError('"explicitProxy" must be like http://10.0.0.1:3128 or http://user:password@10.0.0.1:3128.');
  }
  const { username, password } = url;
  const credentials =
    username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80), ...credentials };
}

function loadKey(
  certificateFile: string,
  chain: readonly Certificate[],
  keyFile: string,
  warnings: string[],
): DeviceKey {
  const mode = modeOf(keyFile);
  if (mode & READABLE_BY_OTHERS) warnings.push(`${keyFile} can be read by others than its owner: chmod 600 it.`);
  const key = readDeviceKey(readText(keyFile, 'deviceKey'), chain);
  if (key === 'not-a-key') throw new ConfigError(`${keyFile} is no private key in PEM (PKCS#8) without a passphrase.`);
  if (key === 'other-key')
    throw new ConfigError(`${keyFile} is not the key of the first certificate in ${certificateFile}.`);
  return key;
}

function serialOf(leaf: Certificate, file: string): DeviceId['serial'] {
  try {
    const [serial, ...more] = subjectAttribute(leaf.subject, SERIAL_NUMBER);
    return parseSerial(more.length > 0 ? null : serial);
  } catch {
    throw new ConfigError(
      `${file}: the device certificate must have exactly one serialNumber (2.5.4.5) in its subject.`,
    );
  }
}

function readCertificates(file: string, name: string): readonly Certificate[] {
  try {
    return readDer(file, name).map((der) => parseCertificate(der));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${file} ("${name}") has a certificate that cannot be read.`, { cause: error });
  }
}

function readDer(file: string, name: string): readonly Uint8Array[] {
  const text = readText(file, name);
  try {
    const found = parsePem(text, PEM_LIMITS).filter(({ label }) => label === 'CERTIFICATE');
    if (found.length > 0) return found.map(({ der }) => der);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
  throw new ConfigError(`${file} ("${name}") has no certificate in PEM.`);
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode;
  } catch {
    return 0;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
  };
  return known[code] ?? code;
}

function atMost<T>(most: number, items: readonly T[], name: string): readonly T[] {
  if (items.length > most)
    throw new ConfigError(`"${name}" has ${items.length} certificates, at most ${most} are allowed.`);
  return items;
}
