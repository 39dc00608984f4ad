/** What a factory puts on a device, as files: agent.json and what it names. */
import { resolve } from 'node:path';
import type { NewFile } from './files.ts';

const publicMode = 0o644;
const secretMode = 0o600;

/** The kinds of key that a device can have. */
export const deviceKeyTypes = ['p256', 'p384', 'rsa2048', 'ed25519'] as const;
export type DeviceKeyType = (typeof deviceKeyTypes)[number];

/** All that is written to a device. PEM texts; paths as the user gave them. */
export interface DeviceContents {
  readonly service: string;
  readonly serviceAnchors: string;
  /** Leaf first, then intermediates; not the manufacturer's anchor. */
  readonly deviceCertificates: string;
  /** PKCS#8. */
  readonly deviceKey: string;
  /** The code on the label, where claims need its proof. */
  readonly labelCode: string | null;
  /** Base64 of the SHA-256 of the manufacturer anchor's SubjectPublicKeyInfo; null for a self-signed device certificate. */
  readonly manufacturer: string | null;
  readonly tlsAnchors: string | null;
  /** A file of PEM certificates, or `node`. */
  readonly systemRoots: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly connectTo: Readonly<Record<string, string>>;
  readonly explicitProxy: string | null;
  /** More about proxies, as it stands in the configuration. */
  readonly proxies: Readonly<Record<string, unknown>>;
  readonly proxyAnchors: string | null;
  readonly clock: 'trusted' | 'untrusted';
  /** RFC 3339: the time floor that the device is born with. */
  readonly firmwareBuild: string;
}

/** The files of a device's directory. Key, code and configuration (which may hold a proxy's password) are 0600. */
export function deviceFiles(contents: DeviceContents): readonly NewFile[] {
  return [
    { name: 'agent.json', content: `${JSON.stringify(agentConfiguration(contents), null, 2)}\n`, mode: secretMode },
    { name: 'device.pem', content: contents.deviceCertificates, mode: publicMode },
    { name: 'device.key', content: contents.deviceKey, mode: secretMode },
    ...(contents.labelCode === null
      ? []
      : [{ name: 'label.code', content: `${contents.labelCode}\n`, mode: secretMode }]),
    { name: 'service-anchor.pem', content: contents.serviceAnchors, mode: publicMode },
    ...(contents.tlsAnchors === null
      ? []
      : [{ name: 'service-tls-anchor.pem', content: contents.tlsAnchors, mode: publicMode }]),
    ...(contents.proxyAnchors === null
      ? []
      : [{ name: 'proxy-anchor.pem', content: contents.proxyAnchors, mode: publicMode }]),
  ];
}

function agentConfiguration(contents: DeviceContents): Readonly<Record<string, unknown>> {
  const proxies = {
    ...contents.proxies,
    ...(contents.proxyAnchors === null ? {} : { anchor: 'proxy-anchor.pem' }),
  };
  return {
    service: contents.service,
    serviceAnchor: 'service-anchor.pem',
    deviceCertificate: 'device.pem',
    deviceKey: 'device.key',
    ...(contents.labelCode === null ? {} : { labelCode: 'label.code' }),
    ...(contents.manufacturer === null ? {} : { manufacturer: contents.manufacturer }),
    stateDirectory: 'state',
    trustStores: [{ kind: 'bundle', name: 'bundle', path: 'state/bundle.pem' }],
    systemRoots: contents.systemRoots === 'node' ? 'node' : resolve(contents.systemRoots),
    ...(contents.tlsAnchors === null ? {} : { tlsAnchor: 'service-tls-anchor.pem' }),
    ports: { http: contents.httpPort, https: contents.httpsPort },
    ...(Object.keys(contents.connectTo).length === 0 ? {} : { connectTo: contents.connectTo }),
    ...(contents.explicitProxy === null ? {} : { explicitProxy: contents.explicitProxy }),
    ...(Object.keys(proxies).length === 0 ? {} : { proxies }),
    clock: contents.clock,
    firmwareBuild: contents.firmwareBuild,
  };
}
