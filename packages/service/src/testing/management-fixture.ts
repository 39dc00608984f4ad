// A management side for tests: a real database and real keys in a directory of its own, a clock that tests move, and a
// device side of ten lines.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InspectionCaEntry } from '@windlass/management';
import {
  type DeviceId,
  parseDigest,
  parseOrganizationId,
  parseSerial,
  parseServiceName,
  type RevocationList,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import { type Certificate, parsePem } from '@windlass/x509';
import { fingerprintOf } from '../certificates.ts';
import { compareIds } from '../devices.ts';
import { publicRootKeys } from '../http/public-roots.ts';
import { approveInspectionCa } from '../inspection-ca-approval.ts';
import { addInspectionCa } from '../inspection-cas.ts';
import type { Actor, Management } from '../management.ts';
import type { NewSigner } from '../signer/certify.ts';
import { newServiceAnchor } from '../signer/forms.ts';
import { seriesOf, writeSigners } from '../signer/issue.ts';
import { openManagementKeys, RESPONDERS, signerDirectory } from '../signer/key-directory.ts';
import { writeRevocationFile } from '../signer/revocation-file.ts';
import { nextList } from '../signer/revocation-list.ts';
import { openRevocations } from '../signer/revocations.ts';
import type { DatabaseLocation } from '../store/database.ts';
import { openManagementStore } from '../store/management-store.ts';
import type { DeviceReader, SeenDevice, StoredObservation } from '../store/ports.ts';
import { testDatabase } from './test-database.ts';

/** A management side, and what a test may turn. */
export interface Fixture {
  readonly management: Management;
  readonly directory: string;
  readonly databaseFile: string;
  /** `databaseFile`, or a database of PostgreSQL where the tests run over that. */
  readonly database: DatabaseLocation;
  readonly anchor: NewSigner;
  /** What the device side says it saw. */
  readonly seen: SeenDevice[];
  readonly observations: StoredObservation[];
  /** The certificates are on the anchor's list, which is installed. */
  revoke(...certificates: readonly Certificate[]): void;
  /** The time moves on. */
  advance(seconds: number): void;
  close(): Promise<void>;
}

export const SERVICE = parseServiceName('bootstrap.example');
/** Certificates of tests are made by openssl, which knows only the real time. */
const START = unixSeconds(Math.floor(Date.now() / 1000) + 3600);
export const admin: Actor = {
  name: 'admin test',
  person: 'admin',
  role: 'admin',
  organization: null,
  address: '127.0.0.1',
};

/** An approver of an organization. */
export function approverOf(organization: string): Actor {
  return {
    name: `approver of ${organization}`,
    person: `${organization.toLowerCase()}-approver`,
    role: 'approver',
    organization: parseOrganizationId(organization),
    address: '127.0.0.1',
  };
}

/** A new management side with a claim authority, nothing else. */
export async function openFixture(): Promise<Fixture> {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-management-'));
  const databaseFile = join(directory, 'management.db');
  const clock = { now: START };
  const anchor = newServiceAnchor(SERVICE, START);
  const keys = join(directory, 'keys');
  writeSigners(signerDirectory(keys, 'claim-authority'), seriesOf('claim-authority', anchor, 1, START), 1);
  writeSigners(join(keys, RESPONDERS), seriesOf('responder', anchor, 2, START), 1);
  const database = await testDatabase(databaseFile);
  const store = await openManagementStore(database, 'create');
  const revocationFile = join(directory, 'revocations.pem');
  const revocations = openRevocations({
    file: revocationFile,
    serviceAnchors: [anchor.certificate],
    // Each look is a new one.
    monotonic: countUp(10_000),
  });
  let list: RevocationList | null = null;
  const revoke = (...certificates: readonly Certificate[]) => {
    const serials = certificates.map(({ serialNumber }) => Buffer.from(serialNumber).toString('hex'));
    list = nextList(anchor, list, serials, clock.now);
    writeRevocationFile(revocationFile, [list.crl.der], 0o640);
  };
  const seen: SeenDevice[] = [];
  const observations: StoredObservation[] = [];
  const management: Management = {
    service: SERVICE,
    store,
    devices: fakeDeviceReader(seen, observations),
    keys: openManagementKeys({ directory: keys, service: SERVICE, revocations }),
    serviceAnchors: [anchor.certificate],
    publicRootKeys: publicRootKeys(),
    revocations,
    renewal: { lists: null, left: 0 },
    jobs: { wake: () => undefined, endings: [] },
    now: () => clock.now,
    randomBytes,
  };
  const close = async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  const advance = (seconds: number) => {
    clock.now = (clock.now + seconds) as UnixSeconds;
  };
  return { management, directory, databaseFile, database, anchor, seen, observations, revoke, advance, close };
}

/** Another claim authority, as the operator installs one each year. */
export function installClaimAuthority({ directory, anchor, management }: Fixture): void {
  const series = seriesOf('claim-authority', anchor, 1, management.now());
  writeSigners(signerDirectory(join(directory, 'keys'), 'claim-authority'), series, 2);
}

function countUp(step: number): () => number {
  let count = 0;
  return () => {
    count += step;
    return count;
  };
}

function fakeDeviceReader(seen: readonly SeenDevice[], observations: readonly StoredObservation[]): DeviceReader {
  const find = (id: { manufacturer: string; serial: string }) =>
    seen.find((device) => device.manufacturer === id.manufacturer && device.serial === id.serial) ?? null;
  return {
    firstDecision: async () => null,
    decisions: async () => [],
    keyOf: async (id) => find(id)?.key ?? null,
    devices: async ({ serial }) => seen.filter((device) => device.serial === serial),
    amongSerials: async (serials) => seen.filter((device) => serials.includes(device.serial)),
    page: async ({ after, limit, serialPrefix = '' }) =>
      [...seen]
        .sort(compareIds)
        .filter((device) => after === null || compareIds(device, after as DeviceId) > 0)
        .filter(({ serial }) => serial.startsWith(serialPrefix))
        .slice(0, limit),
    device: async (id) => find(id),
    purgeOf: async (id, _, since) => {
      const report = find(id)?.lastReport ?? null;
      return report === null || report.time < since ? null : { time: report.time, removed: report.removed };
    },
    observations: async ({ organization } = {}) =>
      observations.filter((one) => organization === undefined || one.organization === organization),
    close: async () => {},
  };
}

/** How a test's certificate differs from an ordinary CA of an inspecting proxy. */
export interface TestCertificate {
  readonly commonName?: string;
  /** `openssl genpkey` arguments; default P-256. */
  readonly key?: readonly string[];
  readonly digest?: string;
  /** Lines of an openssl extension section; default: a CA. */
  readonly extensions?: readonly string[];
  /** Reuses the key in this PEM. */
  readonly keyPem?: string;
}

const CA_EXTENSIONS = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
];

/** A self-signed certificate made by openssl, valid from about now in real time for ten years, and its key, as PEM and DER. */
export function opensslCertificate(options: TestCertificate = {}): { pem: string; keyPem: string; der: Uint8Array } {
  const { commonName = 'Proxy CA', digest = 'sha256', extensions = CA_EXTENSIONS } = options;
  const { key = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] } = options;
  return inDirectory((directory) => {
    const [keyFile, certificateFile, config] = ['key.pem', 'certificate.pem', 'config'].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    if (options.keyPem === undefined) openssl(['genpkey', ...key, '-out', keyFile]);
    else writeFileSync(keyFile, options.keyPem);
    writeFileSync(config, ['[req]', 'distinguished_name=dn', '[dn]', '[ext]', ...extensions].join('\n'));
    const subject = ['-subj', `/CN=${commonName}`, '-days', '3650', `-${digest}`];
    openssl([
      'req',
      '-x509',
      '-new',
      '-key',
      keyFile,
      '-out',
      certificateFile,
      '-config',
      config,
      '-extensions',
      'ext',
      ...subject,
    ]);
    const pem = readFileSync(certificateFile, 'utf8');
    const [block] = parsePem(pem);
    if (block === undefined) throw new Error('openssl made no certificate.');
    return { pem, keyPem: readFileSync(keyFile, 'utf8'), der: block.der };
  });
}

/** Runs openssl; its output. */
export function openssl(args: readonly string[], input?: Uint8Array | string): Buffer {
  return execFileSync('openssl', [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
}

/** `work` with a directory that is gone afterwards. */
export function inDirectory<Result>(work: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-test-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Base64 of an upload. */
export function upload(file: Uint8Array | string): string {
  return Buffer.from(file).toString('base64');
}

/** The CA is added and approved with its own fingerprint: it goes with the next publication. */
export async function addApprovedCa(
  management: Management,
  actor: Actor,
  input: Parameters<typeof addInspectionCa>[2],
): Promise<InspectionCaEntry> {
  const { fingerprint, warnings } = await addInspectionCa(management, actor, input);
  const { organization, network } = input;
  const approval = { organization, network, fingerprint, sha256: fingerprint };
  return { ...(await approveInspectionCa(management, actor, approval)), warnings };
}

/** What a device of acme met: by default a CA that was presented. */
export function observe(certificate: Uint8Array, more: Partial<StoredObservation> = {}): StoredObservation {
  return {
    organization: parseOrganizationId('acme'),
    manufacturer: parseDigest(`${'A'.repeat(43)}=`),
    serial: parseSerial('S-1'),
    certificate,
    fingerprint: fingerprintOf(certificate),
    topIsCa: true,
    issuer: 'CN=Proxy',
    issuerKeyId: 'abcd',
    firstSeen: unixSeconds(1000),
    lastSeen: unixSeconds(2000),
    ...more,
  };
}
