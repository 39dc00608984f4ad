// `windlass serve`: from the configuration to listeners that answer. Each half opens what it may open, and nothing else: the device
// side reads no key but the responder's, the management side hands that one over when it is due. @see spec S13
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Digest, formatTime, unixSeconds } from '@windlass/protocol';
import { type Certificate, X509Error } from '@windlass/x509';
import { type Logger, pino } from 'pino';
import { bootstrap } from './bootstrap.ts';
import { parseChainPem } from './certificates.ts';
import { keepRenewingClaims } from './claim-renewal.ts';
import { databasesOf, loadConfig, type ServiceConfig, serviceFiles, type TlsFiles } from './config.ts';
import { keepDigesting } from './decision-digests.ts';
import { createDeviceQuota } from './device-quota.ts';
import { cacheCertificates, type DeviceSide } from './device-side.ts';
import { ConfigError } from './errors.ts';
import { SERVICE_VERSION } from './health.ts';
import { type DeviceHandlers, type DeviceListener, startDeviceListener } from './http/device-listener.ts';
import { readLoginSecret } from './http/login-secret.ts';
import { startManagementListener } from './http/management-listener.ts';
import { publicRootKeys } from './http/public-roots.ts';
import { readTlsFiles, type TlsIdentity, tlsKeyDigest, watchTlsFiles } from './http/tls-files.ts';
import { keepForgettingAnswers } from './idempotency.ts';
import { keepJobsRunning } from './job-runner.ts';
import { repeat } from './repeat.ts';
import { acceptReport } from './report.ts';
import { handOver } from './signer/hand-over.ts';
import { openManagementKeys } from './signer/key-directory.ts';
import { SignerError } from './signer/ports.ts';
import { openResponder } from './signer/responder.ts';
import { openRevocations } from './signer/revocations.ts';
import { openDeviceReader } from './store/device-reader.ts';
import { openDeviceStore } from './store/device-store.ts';
import { openManagementReader } from './store/management-reader.ts';
import { openManagementStore } from './store/management-store.ts';

/** Which service, and which half of it. */
export interface ServeOptions {
  /** windlass.toml. */
  readonly configFile: string;
  /** Default: both halves. */
  readonly only?: 'device' | 'management';
  /** Log lines go to standard error. Default `info`. */
  readonly log?: 'info' | 'silent';
}

/** A service that answers. */
export interface RunningService {
  /** On this machine, by name: `device-http`, `device-https`, `management`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Of the device listeners, by the same names: where each is bound (ADDRESS:PORT), and its URL as devices know it. */
  readonly deviceListeners: Readonly<Record<string, { readonly address: string; readonly url: string }>>;
  /** Nothing new is accepted, what is under way is answered, the databases are closed. Once. */
  close(): Promise<void>;
}

/** What was opened so far, to be closed in the opposite order. */
interface Opened {
  readonly urls: Record<string, string>;
  readonly deviceListeners: Record<string, { readonly address: string; readonly url: string }>;
  readonly closers: (() => Promise<void>)[];
}

const LOOK_FOR_RENEWED_TLS_SECONDS = 60;
const HAND_OVER_MILLISECONDS = 3_600_000;
const currentTime = () => unixSeconds(Math.floor(Date.now() / 1_000));

/**
 * The service answers. @throws ConfigError, StoreError, SignerError: one sentence that says what to do; nothing stays open
 */
export async function serve({ configFile, only, log = 'info' }: ServeOptions): Promise<RunningService> {
  const config = await loadConfig(configFile);
  const logger = pino({ name: 'windlass', level: log }, pino.destination({ fd: 2, sync: true }));
  for (const warning of config.warnings) logger.warn(warning);
  const opened: Opened = { urls: {}, deviceListeners: {}, closers: [] };
  const close = once(() => closeAll(opened));
  try {
    // The device side signs a trial with what it is handed here.
    if (only !== 'device') opened.closers.push(keepHandingOver(config, logger));
    // Writers first: they bring a database forward before the other half reads it.
    const startDevices = only === 'management' ? null : await openDeviceSide(config, opened);
    const startManagement = only === 'device' ? null : await openManagementSide(config, opened, logger);
    await startDevices?.(logger);
    await startManagement?.();
  } catch (cause) {
    await close();
    throw sentenceOf(cause, config);
  }
  return { urls: opened.urls, deviceListeners: opened.deviceListeners, close };
}

async function openDeviceSide(config: ServiceConfig, opened: Opened): Promise<(logger: Logger) => Promise<void>> {
  const { service, directory, deviceListener, profile } = config;
  const files = serviceFiles(directory);
  const serviceAnchors = await readAnchors(files.serviceAnchor);
  const revocations = openRevocations({ file: files.revocations, serviceAnchors });
  const responder = openResponder({ directory: files.responders, service, serviceAnchors, revocations });
  await responder.sign('{"type":"trial"}', currentTime());
  const tls = await Promise.all(deviceListener.tls.map(readTlsFiles));
  const store = await openDeviceStore(databasesOf(config).device, 'write');
  opened.closers.push(() => store.close());
  return async (logger) => {
    const management = await openManagementReader(databasesOf(config).management);
    opened.closers.push(() => management.close());
    const ownKeys = new Set(tls.map(tlsKeyDigest));
    const certificateOf = cacheCertificates();
    const quota = createDeviceQuota(deviceListener.requestsPerSecond);
    const parts = {
      service,
      store,
      management,
      responder,
      revocations,
      ownKeys,
      certificateOf,
      now: currentTime,
      quota,
      ...profile,
    };
    const listener = await startDeviceListener({
      ...deviceListener,
      tls,
      handlers: handlersOf(parts),
      log: logger,
    });
    opened.closers.push(() => listener.close());
    Object.assign(opened.urls, listener.urls);
    for (const [name, address] of Object.entries(listener.addresses)) {
      const port = address.slice(address.lastIndexOf(':'));
      const { origin } = new URL(`${name.replace('device-', '')}://${service}${port}`);
      opened.deviceListeners[name] = { address, url: origin };
    }
    opened.closers.push(followRenewal({ paths: deviceListener.tls, current: tls, listener, ownKeys, logger }));
  };
}

/** Renewed TLS files are shown, and known as our own, without a restart. Returns how to stop. */
function followRenewal(renewal: {
  readonly paths: readonly TlsFiles[];
  readonly current: readonly TlsIdentity[];
  readonly listener: DeviceListener;
  readonly ownKeys: Set<Digest>;
  readonly logger: Logger;
}): () => Promise<void> {
  const { paths, current, listener, ownKeys, logger } = renewal;
  const watch = watchTlsFiles({
    paths,
    current,
    everySeconds: LOOK_FOR_RENEWED_TLS_SECONDS,
    renewed: (identities) => {
      for (const identity of identities) ownKeys.add(tlsKeyDigest(identity));
      listener.replaceTls(identities);
      logger.info('the TLS certificate was renewed');
    },
    failed: (cause) => logger.warn({ err: cause }, 'the renewed TLS files cannot be used'),
  });
  return async () => watch.stop();
}

function handlersOf(side: DeviceSide): DeviceHandlers {
  return {
    bootstrap: (body) => bootstrap(body, side),
    report: (body) => acceptReport(body, side),
    health: async () => {
      await side.store.ping();
      const { expires, warnings } = await side.responder.health(side.now());
      return {
        status: warnings.length === 0 ? 'ok' : 'warning',
        version: SERVICE_VERSION,
        service: side.service,
        responder: { expires: expires === null ? null : formatTime(expires), warnings },
      };
    },
  };
}

/** Responders are with the device side in time. Returns how to stop. */
function keepHandingOver({ directory }: ServiceConfig, logger: Logger): () => Promise<void> {
  const { keys } = serviceFiles(directory);
  const failed = 'responders could not be handed to the device side';
  const work = async () => handOver(keys, currentTime());
  return repeat(work, { everyMilliseconds: HAND_OVER_MILLISECONDS, log: logger, failed }).stop;
}

async function openManagementSide(config: ServiceConfig, opened: Opened, logger: Logger): Promise<() => Promise<void>> {
  const { service, directory, managementListener } = config;
  const { address, port } = managementListener;
  const files = serviceFiles(directory);
  const serviceAnchors = await readAnchors(files.serviceAnchor);
  const tls = managementListener.tls === null ? null : await readTlsFiles(managementListener.tls);
  const login = config.login === null ? null : { config: config.login, secret: await readLoginSecret(config.login) };
  const store = await openManagementStore(databasesOf(config).management, 'write');
  opened.closers.push(() => store.close());
  return async () => {
    const devices = await openDeviceReader(databasesOf(config).device);
    opened.closers.push(() => devices.close());
    const revocations = openRevocations({ file: files.revocations, serviceAnchors });
    const keys = openManagementKeys({ directory: files.keys, service, revocations });
    const signing = {
      keys,
      serviceAnchors,
      revocations,
      renewal: { lists: null, left: 0 },
      jobs: { wake: () => undefined, endings: [] },
    };
    const surroundings = { publicRootKeys: publicRootKeys(), now: currentTime, randomBytes };
    const management = { service, store, devices, ...signing, ...surroundings };
    opened.closers.push(keepRenewingClaims(management, logger));
    opened.closers.push(keepDigesting(management, logger));
    opened.closers.push(keepForgettingAnswers(management, logger));
    opened.closers.push(keepJobsRunning(management, logger));
    const listener = await startManagementListener({
      management,
      address,
      port,
      logger,
      ...(tls === null ? {} : { tls }),
      ...(login === null ? {} : { login }),
    });
    opened.closers.push(() => listener.close());
    opened.urls['management'] = listener.url;
  };
}

async function closeAll({ closers }: Opened): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}

async function readAnchors(file: string): Promise<readonly Certificate[]> {
  try {
    return parseChainPem(await readFile(file, 'utf8'));
  } catch (cause) {
    const sentence =
      cause instanceof X509Error
        ? `${file} has no certificate that can be read: put the service anchor back.`
        : `${file} cannot be read: check the path and who may read it.`;
    throw new ConfigError('service-anchor', sentence, { cause });
  }
}

/** What node:net says of an address, as a sentence; everything else stays. */
function sentenceOf(cause: unknown, config: ServiceConfig): unknown {
  if (cause instanceof SignerError) return new ConfigError('no-responder', cause.message, { cause });
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  const port = 'port' in cause ? `port ${cause.port}` : 'the port';
  const where = `in ${serviceFiles(config.directory).config}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ConfigError(
        'port-in-use',
        `Another program listens on ${port}: end it, or choose another port ${where}.`,
        { cause },
      );
    case 'EACCES':
      return new ConfigError(
        'port-forbidden',
        `This user may not listen on ${port}: choose one above 1023 ${where}, or give the right.`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
      return new ConfigError(
        'address-unavailable',
        `This machine does not have the address to listen on: correct it ${where}.`,
        { cause },
      );
    default:
      return cause;
  }
}
