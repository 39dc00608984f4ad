// Private keys as people export them, each with the bytes of it that must never be found anywhere.

import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toPem } from '@windlass/x509';
import { inDirectory, openssl } from '../management-fixture.ts';

/** A key in one form. */
export interface KeyForm {
  readonly name: string;
  readonly file: Buffer;
  /** Whether it may stand beside certificates in one text. */
  readonly kind: 'text' | 'binary';
  readonly secrets: readonly Buffer[];
}

const PASSPHRASE = 'not empty';

/** One key of each kind in every form that it has. */
export function keyForms(certificatePem: string, certificateKeyPem: string): readonly KeyForm[] {
  const keys = [
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ] as const;
  return [
    ...keys.flatMap(([name, key]) => [...textForms(name, key), ...binaryForms(name, key)]),
    ...opensshForms(),
    ...keyStores(certificatePem, certificateKeyPem),
  ];
}

/** What makes the key a secret, of whatever form. */
function secretsOf(key: KeyObject): readonly Buffer[] {
  const jwk = key.export({ format: 'jwk' });
  return [jwk.d, jwk.p, jwk.q].filter((part) => part !== undefined).map((part) => Buffer.from(part, 'base64url'));
}

function textForms(name: string, key: KeyObject): readonly KeyForm[] {
  const secrets = secretsOf(key);
  const form = (what: string, text: string | Buffer, more: readonly Buffer[] = secrets): KeyForm => ({
    name: `${name} as ${what}`,
    file: Buffer.from(text),
    kind: 'text',
    secrets: more,
  });
  const pkcs8 = key.export({ format: 'pem', type: 'pkcs8' }).toString();
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const base64 = der.toString('base64');
  const encrypted = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });
  return [
    form('PKCS#8 PEM', pkcs8),
    form('PKCS#8 PEM with CR LF', pkcs8.replaceAll('\n', '\r\n')),
    form('PKCS#8 PEM with CR alone', pkcs8.replaceAll('\n', '\r')),
    form('PKCS#8 PEM without line ends', pkcs8.replaceAll('\n', ' ')),
    form('PKCS#8 PEM with headers', `Bag Attributes\n    friendlyName: ca\nKey Attributes: <No Attributes>\n${pkcs8}`),
    form('PKCS#8 PEM, indented', pkcs8.replace(/^/gm, '    ')),
    form('PKCS#8 PEM in small letters', pkcs8.replaceAll('PRIVATE KEY', 'private key').replaceAll('BEGIN', 'begin')),
    form('PKCS#8 PEM in JSON', JSON.stringify({ key: pkcs8 })),
    form('PKCS#8 PEM, cut off', pkcs8.slice(0, pkcs8.length / 2)),
    form('encrypted PKCS#8 PEM', encrypted, [...secrets, cipherOf(encrypted.toString())]),
    form('base64 on one line', base64),
    form('base64 in lines', base64.replace(/.{64}/g, '$&\n')),
    form('base64url', der.toString('base64url')),
    form('JWK', JSON.stringify(key.export({ format: 'jwk' }), null, 2)),
    form('JWK Set', JSON.stringify({ keys: [key.export({ format: 'jwk' })] })),
    form('a block of another name', toPem('CERTIFICATE', der)),
    ...(key.asymmetricKeyType === 'rsa' ? [form('PKCS#1 PEM', key.export({ format: 'pem', type: 'pkcs1' }))] : []),
    ...(key.asymmetricKeyType === 'rsa' ? [form('encrypted PKCS#1 PEM', encryptedPkcs1(key))] : []),
    ...(key.asymmetricKeyType === 'ec' ? [form('SEC 1 PEM', key.export({ format: 'pem', type: 'sec1' }))] : []),
  ];
}

function encryptedPkcs1(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs1', cipher: 'aes-128-cbc', passphrase: PASSPHRASE }).toString();
}

/** What is between the lines of PEM; the end of it is cipher text. */
function cipherOf(pem: string): Buffer {
  const body = pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]+$/.test(line));
  return Buffer.from(body.join(''), 'base64').subarray(-32);
}

function binaryForms(name: string, key: KeyObject): readonly KeyForm[] {
  const secrets = secretsOf(key);
  const form = (what: string, file: Buffer, more = secrets): KeyForm => ({
    name: `${name} as ${what}`,
    file,
    kind: 'binary',
    secrets: more,
  });
  const encrypted = key.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString();
  const utf16 = Buffer.from(`\ufeff${pem}`, 'utf16le');
  return [
    form('PKCS#8 DER', key.export({ format: 'der', type: 'pkcs8' })),
    form('encrypted PKCS#8 DER', encrypted, [...secrets, encrypted.subarray(-32)]),
    form('PKCS#8 DER, cut off', key.export({ format: 'der', type: 'pkcs8' }).subarray(0, -7)),
    form('UTF-16 with a byte order mark', utf16),
    form('UTF-16, big-endian', Buffer.from(utf16).swap16()),
    ...(key.asymmetricKeyType === 'rsa' ? [form('PKCS#1 DER', key.export({ format: 'der', type: 'pkcs1' }))] : []),
    ...(key.asymmetricKeyType === 'ec' ? [form('SEC 1 DER', key.export({ format: 'der', type: 'sec1' }))] : []),
  ];
}

/** Made by ssh-keygen, where there is one. */
function opensshForms(): readonly KeyForm[] {
  return ['ed25519', 'ecdsa'].flatMap((type) =>
    inDirectory((directory) => {
      const file = join(directory, 'key');
      try {
        execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file], { stdio: 'ignore' });
      } catch {
        return [];
      }
      const text = readFileSync(file);
      // The key stands before the comment and the padding at the end.
      return [{ name: `OpenSSH ${type}`, file: text, kind: 'text' as const, secrets: [cipherOf(text.toString())] }];
    }),
  );
}

function keyStores(certificatePem: string, keyPem: string): readonly KeyForm[] {
  const secrets = secretsOf(createPrivateKey(keyPem));
  return inDirectory((directory) => {
    const [key, certificate] = [join(directory, 'k.pem'), join(directory, 'c.pem')];
    writeFileSync(key, keyPem);
    writeFileSync(certificate, certificatePem);
    const made = (more: readonly string[]) =>
      openssl(['pkcs12', '-export', '-inkey', key, '-in', certificate, '-passout', 'pass:x', ...more]);
    const [usual, open] = [made([]), made(['-keypbe', 'NONE', '-certpbe', 'NONE'])];
    const store = (name: string, file: Buffer, kind: KeyForm['kind']): KeyForm => ({ name, file, kind, secrets });
    return [
      store('PKCS#12', usual, 'binary'),
      store('PKCS#12 with nothing encrypted', open, 'binary'),
      store('PKCS#12 as base64', Buffer.from(open.toString('base64')), 'text'),
    ];
  });
}
