/**
 * A whole outside world in one call: the network, the public web's CA, an inspection CA that is ready for any box, and behind the box
 * an application server and an MQTT broker. The service's address is left free for whoever plays the service.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudNames } from './address-plan.ts';
import { createNetwork, type LabNetwork, type NetworkOptions } from './network.ts';
import { type Application, type Origin, startApplication, startBroker } from './origins.ts';
import { createTemporaryDirectory } from './temporary-directory.ts';
import { type Authority, createAuthority, issueServerCertificate } from './test-pki.ts';

export interface OutsideWorld {
  readonly network: LabNetwork;
  /** Private directory of this world; removed with it. */
  readonly directory: string;
  /** The public web's CA: what devices have as system roots and boxes trust upstream. */
  readonly webRoot: Authority;
  /** PEM file with the web root alone. */
  readonly webRootFile: string;
  /** RSA-2048 root that signs leaves itself, as boxes make it; no box uses it until one is started with it. */
  readonly inspectionCa: Authority;
  /** https://app.example/ */
  readonly application: Application;
  /** mqtts://mqtt.example:8883 */
  readonly broker: Origin;
  /** Every process has ended; network and directory are gone. */
  readonly close: () => Promise<void>;
}

/** The world is up, without any box. Needs what `canRunLab` asks for and the packages nftables and mosquitto. */
export async function createOutsideWorld(options: NetworkOptions = {}): Promise<OutsideWorld> {
  const [directory, network, webRoot, inspectionCa] = await Promise.all([
    createTemporaryDirectory('lab'),
    createNetwork(options),
    createAuthority({ subject: 'CN=Public Web Root,O=Public Web' }),
    createAuthority({ subject: 'CN=Example Corp TLS Inspection CA,O=Example Corp' }),
  ]);
  const close = async (): Promise<void> => {
    await network.close();
    await directory.remove();
  };
  try {
    const origins = await startOrigins(network, webRoot, directory.path);
    const webRootFile = join(directory.path, 'web-root.pem');
    await writeFile(webRootFile, webRoot.certificatePem);
    return { network, directory: directory.path, webRoot, webRootFile, inspectionCa, ...origins, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOrigins(
  network: LabNetwork,
  webRoot: Authority,
  directory: string,
): Promise<Pick<OutsideWorld, 'application' | 'broker'>> {
  const { application: appName, broker: brokerName } = cloudNames;
  const certificate = await issueServerCertificate(webRoot, { names: [appName, brokerName] });
  const common = { directory, certificate, prefix: network.inNamespace('cloud', []) };
  const { application: appHost, broker: brokerHost } = network.addresses;
  const [application, broker] = await Promise.all([
    startApplication({ ...common, name: appName, host: appHost, port: 443 }),
    startBroker({ ...common, name: brokerName, host: brokerHost, port: 8883 }),
  ]);
  return { application, broker };
}
