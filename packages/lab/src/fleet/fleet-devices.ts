/** Very many devices as a factory makes them: the files of each, and the manifest of all. `windlass factory device` makes the first. */
import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Certificate, parseCertificate, parsePem, prepareCertificate, toPem } from '@windlass/x509';
import { writeSecret } from '../test-pki.ts';

const newKeyPair = promisify(generateKeyPair);
/** 9999-12-31T23:59:59Z, as device identities have it. */
const noEnd = 253_402_300_799;
const dayMs = 86_400_000;

export interface FleetFiles {
  /** Of `windlass factory manufacturer`. */
  readonly manufacturer: string;
  /** Of `windlass factory device`: its configuration is everybody's. */
  readonly model: string;
  /** Where the devices' directories are made, one named after each serial. */
  readonly directory: string;
}

/** The directories of the devices; the manifest, whose order is `order`, is in `manifest.csv` beside them. */
export async function makeFleetDevices(files: FleetFiles, serials: readonly string[], order: string): Promise<string> {
  const maker = await readMaker(files.manufacturer);
  const rows = await Promise.all(
    serials.map(async (serial) => `${serial},${await makeDevice(files, maker, serial)},${order}`),
  );
  const manifest = join(files.directory, 'manifest.csv');
  await writeFile(manifest, ['serial,public_key,order_number', ...rows, ''].join('\n'));
  return manifest;
}

interface Maker {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

async function readMaker(directory: string): Promise<Maker> {
  const [block] = parsePem(await readFile(join(directory, 'manufacturer.pem'), 'utf8'));
  if (!block) throw new Error(`${directory} has no certificate`);
  const key = createPrivateKey(await readFile(join(directory, 'manufacturer.key')));
  return { certificate: parseCertificate(block.der), key };
}

/** Gives the public key, base64 of the SubjectPublicKeyInfo. */
async function makeDevice(
  { directory, model }: FleetFiles,
  { certificate, key }: Maker,
  serial: string,
): Promise<string> {
  const pair = await newKeyPair('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
  const prepared = prepareCertificate({
    subject: [
      { type: 'CN', value: `device ${serial}` },
      { type: '2.5.4.5', value: serial },
    ],
    issuer: certificate.subject,
    publicKey,
    serialNumber: Uint8Array.of(0x40, ...randomBytes(15)),
    notBefore: Math.floor((Date.now() - dayMs) / 1000),
    notAfter: noEnd,
    signatureAlgorithm: 'ecdsa-sha256',
    extensions: {
      keyUsage: ['digitalSignature'],
      subjectKeyIdentifier: 'from-key',
      authorityKeyIdentifier: certificate.extensions.subjectKeyIdentifier,
    },
  });
  const home = join(directory, serial);
  await mkdir(home, { mode: 0o700 });
  await writeFile(
    join(home, 'device.pem'),
    toPem('CERTIFICATE', prepared.finish(sign('sha256', prepared.toBeSigned, key))),
  );
  await writeSecret(join(home, 'device.key'), `${pair.privateKey.export({ format: 'pem', type: 'pkcs8' })}`);
  for (const file of ['agent.json', 'service-anchor.pem']) await copyFile(join(model, file), join(home, file));
  return publicKey.toString('base64');
}
