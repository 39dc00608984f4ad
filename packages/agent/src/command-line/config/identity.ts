// Who the device is, its key, and what it trusts from the factory.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  claimCodeOf,
  type DeviceId,
  digestOf,
  LABEL_PROOF_CODE_CHARACTERS,
  type LabelKey,
  labelKeyOf,
  parseDigest,
  parseSerial,
  parseServiceName,
} from '@windlass/protocol';
import { type Certificate, subjectAttribute } from '@windlass/x509';
import { deviceKeyOf } from '../../device-key/key-object.ts';
import type { AgentConfig } from '../../open-agent.ts';
import type { DeviceKey } from '../../ports.ts';
import { readCertificates, readText } from './files.ts';
import { ConfigError, type Members } from './members.ts';

const MAX_SERVICE_ANCHORS = 4;
const SERIAL_NUMBER = '2.5.4.5';

/** @throws ConfigError */
export function readIdentity(members: Members): Pick<AgentConfig, 'identity' | 'key'> {
  const chain = readCertificates(members, 'deviceCertificate');
  const deviceKey = digestOf(chain[0]?.publicKey.der ?? '');
  const identity = {
    service: members.parsed('service', parseServiceName, 'a DNS name in lower case'),
    serviceAnchors: readAnchors(members),
    device: {
      manufacturer: members.parsed('manufacturer', parseDigest, 'the base64 of a SHA-256', deviceKey),
      serial: serialOf(chain, members.path('deviceCertificate')),
    },
    deviceKey,
    ...(members.has('labelCode') && { labelKey: readLabelKey(members.path('labelCode')) }),
  };
  return { identity, key: readKey(members.path('deviceKey'), chain) };
}

function readKey(file: string, chain: readonly Certificate[]): DeviceKey {
  const key = parseKey(file, readText(file, 'deviceKey'));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (!chain[0] || !spki.equals(chain[0].publicKey.der))
    throw new ConfigError(`${file} is not the key of the first certificate in "deviceCertificate".`);
  return deviceKeyOf(key, chain);
}

/** What the library says of it is not repeated: it is about a secret. */
function parseKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigError(`${file} is no private key in PEM (PKCS#8) without a passphrase.`);
  }
}

/** Of the code on the label. What the file has is not quoted: it is a secret. */
function readLabelKey(file: string): LabelKey {
  const code = claimCodeOf(readText(file, 'labelCode'));
  const key = code && labelKeyOf(code);
  if (key) return key;
  throw new ConfigError(
    `${file} ("labelCode") must have the code of the label: ${LABEL_PROOF_CODE_CHARACTERS} to 64 digits and letters, without I, L, O and U.`,
  );
}

function serialOf([leaf]: readonly Certificate[], file: string): DeviceId['serial'] {
  const [serial, ...more] = leaf ? subjectAttribute(leaf.subject, SERIAL_NUMBER) : [];
  try {
    return parseSerial(more.length > 0 ? null : serial);
  } catch {
    throw new ConfigError(
      `${file}: the device certificate must have exactly one serialNumber (2.5.4.5) in its subject.`,
    );
  }
}

function readAnchors(members: Members): readonly Certificate[] {
  const anchors = readCertificates(members, 'serviceAnchor');
  if (anchors.length > MAX_SERVICE_ANCHORS)
    throw new ConfigError(`${members.path('serviceAnchor')} has more than ${MAX_SERVICE_ANCHORS} certificates.`);
  return anchors;
}
