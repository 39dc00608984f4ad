// What a factory puts on a device, as files in a private directory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../../../protocol/src/testing/world.ts';
import { SERVICE } from './fake-service.ts';

export interface FactoryDevice {
  readonly directory: string;
  readonly config: string;
  /** agent.json with these members changed; undefined leaves one out. */
  configure(changes: Readonly<Record<string, unknown>>): void;
  write(name: string, text: string, mode?: number): string;
  remove(): void;
}

export function makeFactoryDevice(world: World, roots: string): FactoryDevice {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-device-'));
  const write = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(directory, name), text, { mode });
    return join(directory, name);
  };
  write('service-anchor.pem', world.serviceAnchor.pem);
  write('device.pem', world.device.pem);
  write('device.key', world.device.key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  write('roots.pem', roots);
  const usual = {
    service: SERVICE,
    serviceAnchor: 'service-anchor.pem',
    deviceCertificate: 'device.pem',
    deviceKey: 'device.key',
    manufacturer: world.manufacturer.key.digest,
    stateDirectory: 'state',
    trustStores: [{ kind: 'bundle', name: 'bundle', path: 'state/bundle.pem' }],
    systemRoots: 'roots.pem',
    firmwareBuild: '2026-02-01T00:00:00Z',
  };
  const configure: FactoryDevice['configure'] = (changes) => {
    write('agent.json', JSON.stringify({ ...usual, ...changes }));
  };
  configure({});
  const remove = (): void => rmSync(directory, { recursive: true });
  return { directory, config: join(directory, 'agent.json'), configure, write, remove };
}
