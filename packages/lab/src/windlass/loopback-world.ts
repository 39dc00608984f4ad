/**
 * Windlass with an inspecting proxy on this machine's loopback: no root, no package. The device's connections are led to the proxy
 * (`--connect-to`), which nobody tells it about; the proxy routes by name.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudNames } from '../address-plan.ts';
import type { FaultyProxyControl } from '../hostile/faulty-proxy.ts';
import { startFaultyProxyProcess } from '../hostile/faulty-proxy-process.ts';
import { type Application, startApplication } from '../origins.ts';
import type { ProxyProcess, ProxyProcessOptions } from '../proxies/inspecting-proxy-process.ts';
import { type Authority, createAuthority, issueServerCertificate, writeSecret } from '../test-pki.ts';
import { freePorts } from './free-ports.ts';
import { createInstallation, type Device, type Installation } from './installation.ts';

export interface LoopbackWorld {
  readonly installation: Installation;
  readonly application: Application;
  /** Starts out honest; can be told to misbehave. */
  readonly proxy: ProxyProcess & FaultyProxyControl;
  readonly webRoot: Authority;
  readonly webRootFile: string;
  readonly ports: { readonly http: number; readonly https: number; readonly management: number };
  /** Another proxy like the first, with the same CA, or with one of its own with this subject. */
  readonly anotherProxy: (ownCa?: string) => Promise<ProxyProcess & FaultyProxyControl>;
  /** A device whose connections all go through the proxy, or through this one. */
  readonly makeDevice: (serial: string, more?: readonly string[], through?: ProxyProcess) => Promise<Device>;
  readonly close: () => Promise<void>;
}

/** The world is up; the service is initialised and not served yet. */
export async function createLoopbackWorld(directory: string): Promise<LoopbackWorld> {
  const { service, application } = cloudNames;
  const [http = 0, https = 0, management = 0] = await freePorts(3);
  const webRoot = await createAuthority({ subject: 'CN=Public Web Root,O=Public Web' });
  const webRootFile = join(directory, 'web-root.pem');
  await writeFile(webRootFile, webRoot.certificatePem);
  const folder = async (name: string): Promise<string> => {
    await mkdir(join(directory, name), { mode: 0o700 });
    return join(directory, name);
  };
  const [tls, certificate] = await Promise.all(
    [service, application].map((name) => issueServerCertificate(webRoot, { names: [name] })),
  );
  if (!tls || !certificate) throw new Error('unreachable');
  const app = await startApplication({ directory: await folder('application'), name: application, certificate });
  const routes = {
    [`${service}:80`]: { host: '127.0.0.1', port: http },
    [`${service}:443`]: { host: '127.0.0.1', port: https },
    [`${application}:443`]: app.address,
  };
  const makeCa = async (subject: string) => writeInspectionCa(await folder(`inspection-ca-${randomUUID()}`), subject);
  const ca = await makeCa('CN=Plant A Inspection CA,O=Plant A');
  const proxies: ProxyProcess[] = [];
  const anotherProxy: LoopbackWorld['anotherProxy'] = async (ownCa) => {
    const started = await startFaultyProxyProcess({
      directory: await folder(`proxy-${randomUUID()}`),
      routes,
      upstreamRootFiles: [webRootFile],
      ca: ownCa === undefined ? ca : await makeCa(ownCa),
    });
    proxies.push(started);
    return started;
  };
  const proxy = await anotherProxy();
  const installation = await createInstallation({
    directory,
    service,
    httpPort: http,
    httpsPort: https,
    managementPort: management,
    tls,
  });
  const route = (port: number, to: { host: string; port: number }): readonly string[] => [
    '--connect-to',
    `*:${port}=${to.host}:${to.port}`,
  ];
  return {
    installation,
    application: app,
    proxy,
    webRoot,
    webRootFile,
    ports: { http, https, management },
    anotherProxy,
    makeDevice: (serial, more = [], { addresses } = proxy) =>
      installation.makeDevice({
        serial,
        systemRoots: webRootFile,
        options: [...route(443, addresses.https), ...route(80, addresses.http), ...more],
      }),
    close: async () => {
      await Promise.all([app, ...proxies].map(({ close }) => close()));
    },
  };
}

async function writeInspectionCa(directory: string, subject: string): Promise<NonNullable<ProxyProcessOptions['ca']>> {
  const { certificatePem, keyPair } = await createAuthority({ subject });
  const files = { certificateFile: join(directory, 'ca.pem'), keyFile: join(directory, 'ca.key') };
  await writeFile(files.certificateFile, certificatePem);
  await writeSecret(files.keyFile, keyPair.keyPem);
  return files;
}
