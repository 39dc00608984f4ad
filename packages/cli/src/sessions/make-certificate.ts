/** `make-certificate KIND FILE` of the sessions: certificates that no command of ours makes. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { prepareCertificate, toPem } from '@windlass/x509';

const yearSeconds = 31_536_000;
const now = Math.floor(Date.now() / 1000);

const kinds = {
  ca: { from: now - yearSeconds, until: now + 2 * yearSeconds, bits: 2048 },
  'expired-ca': { from: now - 2 * yearSeconds, until: now - yearSeconds, bits: 2048 },
  'weak-ca': { from: now - yearSeconds, until: now + yearSeconds, bits: 1024 },
  'weak-device': { from: now - yearSeconds, until: now + yearSeconds, bits: 1024, serials: ['D'] },
  'device-without-serial': { from: now - yearSeconds, until: now + yearSeconds, bits: 2048, serials: [] },
  'device-with-two-serials': { from: now - yearSeconds, until: now + yearSeconds, bits: 2048, serials: ['D', 'E'] },
} as const satisfies Readonly<Record<string, Kind>>;

interface Kind {
  readonly from: number;
  readonly until: number;
  readonly bits: number;
  /** Of a device's subject; without them it is a CA. */
  readonly serials?: readonly string[];
}

const [kind = '', file = ''] = process.argv.slice(2);
const wanted = Object.entries<Kind>(kinds).find(([name]) => name === kind)?.[1];
if (wanted === undefined || file === '')
  throw new Error(`usage: make-certificate ${Object.keys(kinds).join('|')} FILE`);
writeFileSync(file, makeCertificate(wanted));

function makeCertificate({ from, until, bits, serials }: Kind): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const subject = [
    { type: 'CN', value: `Session ${kind}` },
    ...(serials ?? []).map((value) => ({ type: 'serialNumber', value })),
  ];
  const ca = { basicConstraints: { ca: true }, keyUsage: ['keyCertSign'] } as const;
  const { toBeSigned, finish } = prepareCertificate({
    subject,
    issuer: subject,
    publicKey: new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
    serialNumber: Uint8Array.of(1, 2, 3),
    notBefore: from,
    notAfter: until,
    signatureAlgorithm: 'rsa-sha256',
    extensions: {
      ...(serials === undefined ? ca : { keyUsage: ['digitalSignature'] }),
      subjectKeyIdentifier: 'from-key',
    },
  });
  return toPem('CERTIFICATE', finish(new Uint8Array(sign('sha256', toBeSigned, privateKey))));
}
