// An agent over a fake service, a disk in memory and a clock that the test sets.

import { sign } from 'node:crypto';
import type { LabelKey, UnixSeconds } from '@windlass/protocol';
import { digestOf, parseSerial, parseServiceName, unixSeconds } from '@windlass/protocol';
import { SERIAL } from '../../../protocol/src/testing/world.ts';
import type { Agent } from '../agent.ts';
import { createAgentClock } from '../clock.ts';
import { linesOf } from '../command-line/story.ts';
import { troubleIn } from '../doctor/trouble.ts';
import type { FileSystem } from '../ports.ts';
import { openState } from '../state/store.ts';
import { createBundle } from '../trust-store/bundle.ts';
import { createFailingDisk } from './failing-disk.ts';
import { asCertificate, DAY, type FakeService, NOW, SERVICE } from './fake-service.ts';

export const BUNDLE = '/device/bundle.pem';
export const FIRMWARE_BUILD = unixSeconds(NOW - 30 * DAY);

export interface TestAgent extends Agent {
  readonly told: string[];
  readonly disk: FileSystem;
  /** The bundle as it is on the disk. */
  bundle(): string;
}

export interface TestAgentOptions {
  readonly disk?: FileSystem;
  /** The system's clock; default 1970. */
  readonly now?: () => number;
  readonly monotonic?: () => number;
  readonly vouched?: boolean;
  readonly proof?: string | null;
  /** Whether what tries endpoints is there; default: it is. */
  readonly canProbe?: boolean;
  /** Of the label; default: it has none for proofs. */
  readonly labelKey?: LabelKey;
  /** Where the bundle is configured to be; default: `BUNDLE`. */
  readonly path?: string;
  /** Default: where the state is. */
  readonly floorsDirectory?: string;
}

/** A device that was made in the factory, or, with the disk of another, that one after a restart. */
export function startAgent(service: FakeService, options: TestAgentOptions = {}): TestAgent {
  const { world } = service;
  const { path = BUNDLE } = options;
  const disk = options.disk ?? createFailingDisk();
  const name = parseServiceName(SERVICE);
  const state = openState({
    directory: '/device',
    floorsDirectory: options.floorsDirectory ?? '/device',
    files: disk,
    service: name,
    firmwareBuild: FIRMWARE_BUILD,
    change: 'allowed',
    bundles: [path],
  });
  const system = {
    now: () => (options.now?.() ?? 0) as UnixSeconds,
    uptime: options.monotonic ?? (() => 100),
  };
  const floor = Math.max(FIRMWARE_BUILD, state.current.floors.time) as UnixSeconds;
  const told: string[] = [];
  const bundle = createBundle({
    name: 'bundle',
    path,
    roots: [service.root.der],
    files: disk,
    transport: { prove: async () => options.proof ?? null },
    clock: { fault: () => null },
  });
  const device = { manufacturer: digestOf(world.manufacturer.key.spki), serial: parseSerial(SERIAL) };
  return {
    identity: {
      service: name,
      serviceAnchors: [asCertificate(world.serviceAnchor)],
      device,
      deviceKey: digestOf(world.device.key.spki),
      labelKey: options.labelKey,
    },
    key: { chain: [asCertificate(world.device)], sign: (data) => sign('sha256', data, world.device.key.privateKey) },
    transport: service.transport,
    loadProbe: async () => (options.canProbe === false ? null : service.probe),
    troubleIn: async (end) => troubleIn(end, false),
    stores: [bundle],
    state,
    clock: createAgentClock(system, { floor, kept: state.current.time, vouched: options.vouched ?? false }),
    roots: [asCertificate(service.root)],
    tlsAnchors: [],
    tell: (event) => told.push(...linesOf(event, name)),
    told,
    disk,
    bundle: () => new TextDecoder().decode(disk.read(path) ?? new Uint8Array()),
  };
}
