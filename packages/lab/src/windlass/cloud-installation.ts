/** A Windlass in the cloud of an outside world, where devices look for it. */
import { cloudNames } from '../address-plan.ts';
import type { OutsideWorld } from '../outside-world.ts';
import { issueServerCertificate } from '../test-pki.ts';
import { createInstallation, type Installation } from './installation.ts';

const { service } = cloudNames;

/** Where operators reach it, inside of the cloud's namespace. */
export const cloudManagementPort = 8440;

/** Its files are in `directory`, by default the world's; it is not served yet. */
export async function createCloudInstallation(
  { webRoot, network, directory: ofWorld }: OutsideWorld,
  directory: string = ofWorld,
): Promise<Installation> {
  return createInstallation({
    directory,
    service,
    address: network.addresses.service,
    httpPort: 80,
    httpsPort: 443,
    managementPort: cloudManagementPort,
    tls: await issueServerCertificate(webRoot, { names: [service] }),
    prefix: network.inNamespace('cloud', []),
  });
}
