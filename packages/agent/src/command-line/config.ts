// agent.json: read, checked, and turned into what the agent works with. Everything an operator can get wrong is one sentence.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  claimCodeOf,
  type DeviceId,
  digestOf,
  type JsonValue,
  LABEL_PROOF_CODE_CHARACTERS,
  type LabelKey,
  labelKeyOf,
  parseDigest,
  parseId,
  parseSerial,
  parseServiceName,
  parseStrictJson,
  parseTime,
} from '@windlass/protocol';
import { type Certificate, parseCertificate, parsePem, subjectAttribute } from '@windlass/x509';
import { deviceKeyOf } from '../device-key/key-object.ts';
import type { AgentConfig } from '../open-agent.ts';
import type { DeviceKey } from '../ports.ts';
import type { ExplicitProxy } from '../transport/route.ts';
import { AGENT_RELEASED } from '../version.ts';
import { ConfigError, Members } from './config-members.ts';

/** With sentences about what works and should be changed. */
export interface ReadConfig extends AgentConfig {
  readonly warnings: readonly string[];
}

/** The configuration in `file`. @throws ConfigError */
export function readConfig(file: string): ReadConfig {
  const members = new Members(file, parseFile(file));
  const path = (name: string): string => resolve(dirname(file), members.text(name));
  const certificates = (name: string): readonly Certificate[] => readCertificates(path(name), name);
  const chain = certificates('deviceCertificate');
  const deviceKey = digestOf(chain[0]?.publicKey.der ?? '');
  const systemRoots = members.text('systemRoots', 'node');
  return {
    identity: {
      service: members.parsed('service', parseServiceName, 'a DNS name in lower case'),
      serviceAnchors: readAnchors(path('serviceAnchor')),
      device: {
        manufacturer: members.parsed('manufacturer', parseDigest, 'the base64 of a SHA-256', deviceKey),
        serial: serialOf(chain, path('deviceCertificate')),
      },
      deviceKey,
      ...(members.has('labelCode') && { labelKey: readLabelKey(path('labelCode')) }),
    },
    key: readKey(path('deviceKey'), chain),
    stateDirectory: path('stateDirectory'),
    trustStores: members
      .list('trustStores', MAX_STORES)
      .map((store) => parseStore(new Members(`${file}: "trustStores"`, store), dirname(file))),
    systemRoots:
      systemRoots === 'node' ? derOf(rootCertificates.join('\n')) : readDer(path('systemRoots'), 'systemRoots'),
    tlsAnchors: members.has('tlsAnchor') ? certificates('tlsAnchor') : [],
    ports: { http: members.object('ports').port('http', 80), https: members.object('ports').port('https', 443) },
    connectTo: parseConnectTo(members.object('connectTo')),
    explicitProxy: members.parsed(
      'explicitProxy',
      parseProxy,
      'like http://10.0.0.1:3128 or http://user:password@10.0.0.1:3128',
      null,
    ),
    clock: members.oneOf('clock', ['untrusted', 'trusted']),
    firmwareBuild: members.parsed('firmwareBuild', parseTime, 'a time like 2026-01-31T08:00:00Z', AGENT_RELEASED),
    warnings: warningsOf(file, members, ['deviceKey', 'labelCode'].filter((name) => members.has(name)).map(path)),
  };
}

const KNOWN =
  'service serviceAnchor deviceCertificate deviceKey labelCode manufacturer stateDirectory trustStores systemRoots tlsAnchor ports connectTo explicitProxy clock firmwareBuild';
const MAX_SERVICE_ANCHORS = 4;
/** The agent's own TLS is one more in a report. */
const MAX_STORES = 15;
const SERIAL_NUMBER = '2.5.4.5';
const READABLE_BY_OTHERS = 0o077;

function parseFile(file: string): JsonValue {
  const text = readText(file, 'configuration');
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new ConfigError(`${file} is not JSON with each member once.`, { cause: error });
  }
}

function warningsOf(file: string, members: Members, secretFiles: readonly string[]): readonly string[] {
  const known = KNOWN.split(' ');
  const unknown = members.names().filter((name) => !known.includes(name));
  const open = secretFiles.filter((secret) => (statSync(secret).mode & READABLE_BY_OTHERS) !== 0);
  return [
    ...unknown.map((name) => `${file}: "${name}" is not known and has no effect.`),
    ...open.map((secret) => `${secret} can be read by others than its owner: chmod 600 it.`),
  ];
}

function parseStore(store: Members, directory: string): AgentConfig['trustStores'][number] {
  const kind = store.oneOf('kind', ['bundle']);
  const parseName = (value: JsonValue): string => parseId(value === 'agent' ? null : value);
  const name = store.parsed(
    'name',
    parseName,
    'letters, digits, dots and dashes, and not "agent", which is our own TLS',
    kind,
  );
  return { kind, name, path: resolve(directory, store.text('path')) };
}

function parseConnectTo(overrides: Members): Readonly<Record<string, string>> {
  const override = (name: string) => (target: JsonValue) =>
    [name, target].map((each) => parseMatch(each, /^.+:\d{1,5}$/)[0]);
  return Object.fromEntries(
    overrides.names().map((name) => overrides.parsed(name, override(name), 'host:port on both sides')),
  );
}

/** Whoever shows what is wrong must not quote it: it may have a password. */
function parseProxy(value: JsonValue): ExplicitProxy {
  const { hostname, port, username, password } = new URL(parseMatch(value, /^http:\/\/.+/)[0]);
  const credentials = username && { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), ...(credentials || {}) };
}

function parseMatch(value: JsonValue, pattern: RegExp): RegExpExecArray {
  const match = typeof value === 'string' && pattern.exec(value);
  if (!match) throw new Error();
  return match;
}

function readKey(file: string, chain: readonly Certificate[]): DeviceKey {
  const key = parseKey(file, readText(file, 'deviceKey'));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (!chain[0] || !spki.equals(chain[0].publicKey.der))
    throw new ConfigError(`${file} is not the key of the first certificate in "deviceCertificate".`);
  return deviceKeyOf(key, chain);
}

/** What the library says of it is not repeated: it is about a secret. */
function parseKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigError(`${file} is no private key in PEM (PKCS#8) without a passphrase.`);
  }
}

/** Of the code on the label. What the file has is not quoted: it is a secret. */
function readLabelKey(file: string): LabelKey {
  const code = claimCodeOf(readText(file, 'labelCode'));
  const key = code && labelKeyOf(code);
  if (key) return key;
  throw new ConfigError(
    `${file} ("labelCode") must have the code of the label: ${LABEL_PROOF_CODE_CHARACTERS} to 64 digits and letters, without I, L, O and U.`,
  );
}

function serialOf([leaf]: readonly Certificate[], file: string): DeviceId['serial'] {
  const [serial, ...more] = leaf ? subjectAttribute(leaf.subject, SERIAL_NUMBER) : [];
  try {
    return parseSerial(more.length > 0 ? null : serial);
  } catch {
    throw new ConfigError(
      `${file}: the device certificate must have exactly one serialNumber (2.5.4.5) in its subject.`,
    );
  }
}

function readAnchors(file: string): readonly Certificate[] {
  const anchors = readCertificates(file, 'serviceAnchor');
  if (anchors.length > MAX_SERVICE_ANCHORS)
    throw new ConfigError(`${file} has more than ${MAX_SERVICE_ANCHORS} certificates.`);
  return anchors;
}

function readCertificates(file: string, name: string): readonly Certificate[] {
  const found = readDer(file, name);
  try {
    return found.map((der) => parseCertificate(der));
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") has a certificate that cannot be read.`, { cause: error });
  }
}

function readDer(file: string, name: string): readonly Uint8Array[] {
  const text = readText(file, name);
  try {
    return derOf(text);
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") has no certificate in PEM.`, { cause: error });
  }
}

/** Of the certificates in a PEM text, at least one. */
function derOf(pem: string): readonly Uint8Array[] {
  const found = parsePem(pem, { characters: pem.length, blocks: pem.length }).filter(
    ({ label }) => label === 'CERTIFICATE',
  );
  if (found.length === 0) throw new Error();
  return found.map(({ der }) => der);
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Node's sentence: "ENOENT: no such file or directory, open '/x'". */
function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(/[:,]/)[1]?.trim() ?? '') : '';
}
