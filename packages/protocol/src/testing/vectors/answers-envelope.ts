// Answers whose CMS is not of the profile of section 3, or whose signature does not hold. Everything else in them is right.

import { octets, oid, sequence, set, tlv } from '../der.ts';
import { createCertificate, createKey, type KeyKind, type TestCertificate } from '../test-certificates.ts';
import { attribute, type CmsOptions, signEnvelope, signingTime, smimeCapabilities } from '../test-cms.ts';
import { signerOptions, type World } from '../world.ts';
import { type AnswerTwist, answerVector, type CaseHead, type Vector } from './vector.ts';

type Make = (head: CaseHead, twist: AnswerTwist) => Vector;

export function envelopeVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, head, twist);
  return [
    ...structureVectors(world, make),
    ...certificateVectors(world, make),
    ...attributeVectors(world, make),
    ...algorithmVectors(world, make),
    ...signatureVectors(world, make),
  ];
}

function decisionCms(cms: CmsOptions): AnswerTwist {
  return { cms: { decision: cms } };
}

function structureVectors(world: World, make: Make): readonly Vector[] {
  const cms = (name: string, rule: string, says: string, options: CmsOptions) =>
    make({ name: `cms-${name}`, rule, says, error: 'cms' }, decisionCms(options));
  return [
    cms('trailing', 'E1', 'A byte follows the CMS.', { trailing: Buffer.from([0]) }),
    cms('embedded', 'E1', 'The content is inside the CMS too.', { embedContent: true }),
    cms('enveloped', 'E1', 'The outer content type is id-envelopedData.', { outerContentType: '1.2.840.113549.1.7.3' }),
    cms('inner-type', 'E1', 'The inner content type is id-signedData.', { innerContentType: '1.2.840.113549.1.7.2' }),
    cms('version-3', 'E1', 'The version of SignedData is 3.', { version: 3 }),
    make(
      { name: 'cms-not-der', rule: 'E1', says: 'A length is not in its shortest form.', error: 'cms' },
      { answer: (parts) => ({ ...parts, decision: longLength(parts.decision) }) },
    ),
    cms('no-signer', 'E2', 'Nobody signed.', { signers: 0 }),
    cms('two-signers', 'E2', 'Two SignerInfos, both right.', { signers: 2 }),
    cms('signer-version-3', 'E2', 'The version of the SignerInfo is 3.', { signerVersion: 3 }),
    cms('signer-by-key-id', 'E2', 'The signer is named by its key identifier.', { byKeyId: true, signerVersion: 1 }),
    cms('signer-not-there', 'E2', "The signer's certificate is not in the CMS.", {
      certificates: [world.claimAuthority.der],
    }),
  ];
}

function certificateVectors(world: World, make: Make): readonly Vector[] {
  const cms = (name: string, rule: string, says: string, options: CmsOptions) =>
    make({ name: `cms-${name}`, rule, says, error: 'cms' }, decisionCms(options));
  const { der } = world.responder;
  const five = [world.responder, world.serviceAnchor, world.claimAuthority, world.manufacturer, world.device].map(
    (each) => each.der,
  );
  const inOrder = five.sort(Buffer.compare);
  const attributeCertificate = tlv(0xa2, Buffer.from(der).subarray(4));
  const two = [der, world.serviceAnchor.der].sort(Buffer.compare);
  return [
    cms('five-certificates', 'E3', 'Five certificates.', { certificates: inOrder }),
    cms('certificate-twice', 'E3', 'A certificate is there twice.', { certificates: [der, der] }),
    cms('certificates-unordered', 'E1', 'The certificates are not in DER SET OF order.', {
      certificates: two.reverse(),
    }),
    cms('attribute-certificate', 'E3', 'A certificate of another format.', {
      certificates: [der, attributeCertificate],
    }),
    cms('crl', 'E3', 'A CRL is there.', { crls: [sequence()] }),
    cms('unsigned-attributes', 'E3', 'An unsigned attribute is there.', { unsignedAttributes: [signingTime] }),
    make(
      { name: 'four-certificates', rule: 'E3', says: 'Four certificates, of which one is needed.' },
      decisionCms({ certificates: inOrder.filter((each) => each !== world.device.der) }),
    ),
  ];
}

function attributeVectors(_world: World, make: Make): readonly Vector[] {
  const cms = (name: string, says: string, options: CmsOptions) =>
    make({ name: `attributes-${name}`, rule: 'E4', says, error: 'cms' }, decisionCms(options));
  const signingCertificate = attribute(
    '1.2.840.113549.1.9.16.2.47',
    sequence(sequence(sequence(octets(Buffer.alloc(32))))),
  );
  return [
    cms('missing', 'There are no signed attributes: the signature is over the payload.', { leaveOut: 'attributes' }),
    cms('no-content-type', 'contentType is missing.', { leaveOut: 'contentType' }),
    cms('no-message-digest', 'messageDigest is missing.', { leaveOut: 'messageDigest' }),
    cms('content-type-twice', 'contentType is there twice.', { twice: 'contentType' }),
    cms('message-digest-twice', 'messageDigest is there twice.', { twice: 'messageDigest' }),
    cms('content-type-two-values', 'contentType has two values.', { twice: 'contentTypeValue' }),
    cms('message-digest-two-values', 'messageDigest has two values.', { twice: 'messageDigestValue' }),
    cms('other-content-type', 'contentType is id-signedData.', { contentType: '1.2.840.113549.1.7.2' }),
    cms('unknown', 'An attribute that the profile does not know.', { extraAttributes: [signingCertificate] }),
    cms('signing-time-twice', 'signingTime is there twice.', { extraAttributes: [signingTime, signingTime] }),
    cms('capabilities-twice', 'smimeCapabilities is there twice.', {
      extraAttributes: [smimeCapabilities, smimeCapabilities],
    }),
    cms('unordered', 'The attributes are not in DER SET OF order, and were signed so.', { reverseSigned: true }),
    cms('unordered-signed-ordered', 'The attributes are not in DER SET OF order, and were signed in it.', {
      reverseAttributes: true,
    }),
    cms('not-attributes', 'The attributes have another structure.', { extraAttributes: [set(oid('1.2.3'))] }),
  ];
}

function algorithmVectors(world: World, make: Make): readonly Vector[] {
  const responder = (kind: KeyKind): TestCertificate =>
    createCertificate({
      name: 'responder',
      key: createKey(kind),
      issuer: world.serviceAnchor,
      ...signerOptions('responder'),
    });
  const publisher = (kind: KeyKind): TestCertificate =>
    createCertificate({
      name: 'publisher',
      key: createKey(kind),
      issuer: world.publisherAnchor,
      ...signerOptions('publisher'),
    });
  const refused = { rule: 'E5', error: 'algorithm' };
  const decided = (name: string, says: string, options: CmsOptions, signer = world.responder) =>
    make(
      { name: `algorithm-${name}`, says, ...refused },
      { cms: { decision: options }, chains: { decision: [signer] } },
    );
  const published = (name: string, says: string, kind: KeyKind, options: CmsOptions) =>
    make(
      { name: `algorithm-${name}`, says, ...refused },
      { cms: { profile: options }, chains: { profile: [publisher(kind)] } },
    );
  return [
    decided('responder-p384', 'The responder signs with P-384.', { hash: 'sha256' }, responder('p384')),
    decided('responder-sha384', 'The responder signs with SHA-384.', { hash: 'sha384' }),
    decided('responder-rsa', 'The responder signs with RSA.', {}, responder('rsa2048')),
    decided('sha1', 'The digest is SHA-1.', { hash: 'sha1' }),
    decided('digests-two', 'digestAlgorithms names a second digest.', { digestAlgorithms: ['sha256', 'sha384'] }),
    decided('digests-other', 'digestAlgorithms names another digest than the signer.', {
      digestAlgorithms: ['sha384'],
    }),
    decided('digests-none', 'digestAlgorithms is empty.', { digestAlgorithms: [] }),
    decided('signature-other-hash', 'The signature algorithm has another hash than the digest.', {
      signatureOid: '1.2.840.10045.4.3.3',
    }),
    decided('signature-other-key', 'The signature algorithm is not one of the key.', { signatureOid: '1.3.101.112' }),
    published('rsa-1024', 'The publisher has an RSA key of 1024 bits.', 'rsa1024', {}),
    published('publisher-p521', 'The publisher signs with P-521.', 'p521', { hash: 'sha512' }),
    published('publisher-ed25519', 'The publisher signs with Ed25519, which is for devices.', 'ed25519', {}),
    published('publisher-sha1', 'The publisher signs with SHA-1.', 'rsa2048', { hash: 'sha1' }),
    published('pss-salt', 'The salt of RSA-PSS is shorter than the hash.', 'rsa2048', { pssSalt: 20 }),
    published('pss-mgf', 'MGF1 has another hash.', 'rsa2048', { pssSalt: 32, pssMgfHash: 'sha384' }),
    published('pss-by-rsa-hash', 'RSA-PSS parameters with an ECDSA key.', 'p256', { pssSalt: 32 }),
  ];
}

function signatureVectors(world: World, make: Make): readonly Vector[] {
  const shell = true;
  const other = signEnvelope('{"another":"payload"}', [world.responder]);
  return [
    make(
      {
        name: 'payload-changed',
        rule: 'E6',
        says: 'The payload was changed by a space after it was signed.',
        error: 'digest-mismatch',
        shell,
      },
      changed(' '),
    ),
    make(
      {
        name: 'payload-digest-other',
        rule: 'E6',
        says: 'messageDigest is of another payload, and was signed so.',
        error: 'digest-mismatch',
        shell,
      },
      decisionCms({ digestedPayload: '{}' }),
    ),
    make(
      {
        name: 'signature-of-other-payload',
        rule: 'E6',
        says: "The responder's signature of another payload.",
        error: 'digest-mismatch',
        shell,
      },
      { answer: (parts) => ({ ...parts, decision: { ...parts.decision, signature: other.signature } }) },
    ),
    make(
      {
        name: 'signature-of-other-key',
        rule: 'E7',
        says: "Another key signed in the responder's name.",
        error: 'signature',
        shell,
      },
      decisionCms({ signWith: createKey() }),
    ),
    make(
      {
        name: 'claim-signature-of-other-key',
        rule: 'E7',
        says: "Another key signed in the claim authority's name.",
        error: 'signature',
        shell,
      },
      { cms: { claim: { signWith: createKey() } } },
    ),
    make(
      {
        name: 'profile-signature-of-other-key',
        rule: 'E7',
        says: "Another key signed in the publisher's name.",
        error: 'signature',
        shell,
      },
      { cms: { profile: { signWith: createKey() } } },
    ),
  ];
}

function changed(addition: string): AnswerTwist {
  return {
    answer: (parts) => ({ ...parts, decision: { ...parts.decision, payload: parts.decision.payload + addition } }),
  };
}

/** The same CMS with its outer length in one byte more than needed. */
function longLength({ payload, signature }: { payload: string; signature: string }): object {
  const der = Buffer.from(signature, 'base64');
  const long = Buffer.concat([Buffer.from([0x30, 0x83, 0x00]), der.subarray(2)]);
  return { payload, signature: long.toString('base64') };
}
