/** The network of the size limits: four long RSA-2048 inspection CAs, and what a device sees behind one of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Authority,
  createAuthority,
  createKeyPair,
  issueServerCertificate,
  type ServerCertificate,
} from '@windlass/lab';
import { createAuthorityOfSize, createPresentedChain, derOf } from './certificates.ts';
import { type Installation, serviceName } from './installation.ts';
import type { Bench } from './run-benchmark.ts';

const inspectionCaNames = [
  'Example Inspection Root CA 01',
  'Branch North Inspection CA',
  'Branch South Inspection CA',
  'Data Center Inspection CA',
];
const inspectionCaBytes = 1_300;

export interface LargeNetwork {
  /** DER: leaf, issuing CA, and the first of the inspection CAs as root. */
  readonly presentedChain: readonly Uint8Array[];
}

/** Four inspection CAs of up to 1 300 bytes are approved and published. */
export async function makeLargeNetwork(bench: Bench, installation: Installation): Promise<LargeNetwork> {
  bench.say('making and publishing 4 RSA-2048 inspection CAs');
  const authorities = await Promise.all(
    inspectionCaNames.map((name) => createAuthorityOfSize(name, inspectionCaBytes)),
  );
  const files = authorities.map((_, index) => join(bench.directory, `inspection-ca-${index}.pem`));
  await Promise.all(authorities.map(({ certificatePem }, index) => writeFile(files[index] ?? '', certificatePem)));
  await installation.publish(files);
  const [root] = authorities;
  if (root === undefined) throw new Error('there is no inspection CA');
  const presentedChain = await createPresentedChain(root);
  const sizes = (ders: readonly Uint8Array[]): string => ders.map(({ length }) => length).join(', ');
  bench.say(
    `inspection CAs of ${sizes(authorities.map(({ certificatePem }) => derOf(certificatePem)))} bytes; presented certificates of ${sizes(presentedChain)} bytes`,
  );
  return { presentedChain };
}

export interface ServicePki {
  /** The only public root of this world. */
  readonly webRoot: Authority;
  /** P-256, for the service and for its peers. */
  readonly server: ServerCertificate;
}

/** A server certificate for the service's name, with a P-256 key. */
export async function createServicePki(): Promise<ServicePki> {
  const webRoot = await createAuthority({ subject: 'CN=Public Web Root', keyType: 'ec-p256' });
  const server = await issueServerCertificate(webRoot, {
    names: [serviceName],
    keyPair: await createKeyPair('ec-p256'),
  });
  return { webRoot, server };
}
