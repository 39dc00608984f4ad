/** `make-manifest COUNT` writes a manifest in CSV with as many devices to standard output, each with a key and the hash of a code. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const count = Number(process.argv[2] ?? '0');
process.stdout.write('serial,manufacturer,public_key,claim_code_hash,order_number\n');
for (let index = 1; index <= count; index += 1) {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const hash = createHash('sha256').update(randomBytes(32)).digest('hex');
  process.stdout.write(`SN-${String(index).padStart(6, '0')},maker,${key},${hash},PO-${Math.ceil(index / 100)}\n`);
}
