// Answers whose signer has the right path and purpose, and the wrong name, lifetime or place below its anchor; and one of the year 2039.
import { publisherUri } from '../../purposes.ts';
import { type CertificateOptions, createCertificate } from '../test-certificates.ts';
import {
  at,
  base64,
  DAY,
  NOW,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  publisherOptions,
  SERVICE,
  type World,
} from '../world.ts';
import { authorityOf, LONG, type Make, publisherOf, responderOf, signedBy } from './signers.ts';
import { answerVector, type Vector } from './vector.ts';

export function nameVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, { ...head, shell: true }, twist);
  return [...wrongNames(world, make), ...publisherVectors(world, make), later(world)];
}

/** After 2038-01-19 a signed 32-bit count of seconds is negative. */
function later(world: World): Vector {
  const time = NOW + 4_900 * DAY;
  const dates = { from: time - 10 * DAY, until: time + 10 * DAY };
  return answerVector(
    world,
    { name: 'granted-2039', rule: 'T1', says: 'It is 2039, and the clock is at 1970.', shell: true },
    {
      decision: { time: at(time) },
      claim: { expires: at(time + 5 * DAY) },
      profile: { issued: at(time), expires: at(time + 5 * DAY) },
      chains: {
        decision: [responderOf(world, dates)],
        claim: [authorityOf(world, dates)],
        profile: [publisherOf(world, dates)],
      },
      input: () => ({ clock: { state: 'floor', time: at(0) } }),
    },
  );
}

function wrongNames(world: World, make: Make): readonly Vector[] {
  const rule = { rule: 'K4', error: 'signer-name' };
  const named = (name: string, says: string, changes: Partial<CertificateOptions>) =>
    make({ name: `responder-name-${name}`, says, ...rule }, signedBy('decision', responderOf(world, changes)));
  const published = (name: string, says: string, changes: Partial<CertificateOptions>) =>
    make({ name: `publisher-name-${name}`, says, ...rule }, signedBy('profile', publisherOf(world, changes)));
  const uri = publisherUri(SERVICE, ORGANIZATION);
  return [
    named('sibling', 'A responder of another service below the same anchor.', { dns: ['other.windlass.example'] }),
    named('wildcard', 'A wildcard.', { dns: ['*.windlass.example'] }),
    named('common-name', 'The service name is only the common name.', { name: SERVICE, dns: [] }),
    named('two', 'Two DNS names.', { dns: [SERVICE, 'other.windlass.example'] }),
    named('ip', 'A DNS name and an IP address.', { ips: ['192.0.2.1'] }),
    named('uri', 'A DNS name and a URI.', { uris: [uri] }),
    make(
      { name: 'claim-authority-name', says: 'A claim authority of another service.', ...rule },
      signedBy('claim', authorityOf(world, { dns: ['other.windlass.example'] })),
    ),
    published('other-organization', "The URI is another organization's.", {
      uris: [publisherUri(SERVICE, OTHER_ORGANIZATION)],
    }),
    published('other-service', 'The URI is of another service.', {
      uris: [publisherUri('other.windlass.example', ORGANIZATION)],
    }),
    published('dns', 'A DNS name in place of the URI.', { uris: [], dns: [SERVICE] }),
    published('two', 'Two URIs.', { uris: [uri, publisherUri(SERVICE, OTHER_ORGANIZATION)] }),
    published('case', 'The URI is the right one in capitals.', { uris: [uri.toUpperCase()] }),
  ];
}

function publisherVectors(world: World, make: Make): readonly Vector[] {
  const lower = createCertificate({ name: 'Issuing CA', issuer: world.publisherAnchor, ca: true, ...LONG });
  const company = createCertificate({ name: 'Company root', ca: true, ...LONG });
  const issuing = createCertificate({ name: 'Company issuing CA', issuer: company, ca: true, ...LONG });
  const longLived = responderOf(world, { from: NOW - 16 * DAY, until: NOW + 15 * DAY + 1 });
  return [
    make(
      {
        name: 'publisher-below-intermediate',
        rule: 'K6',
        says: 'The publisher is below an intermediate of the anchor.',
        error: 'signer-untrusted',
      },
      signedBy('profile', publisherOf(world, { issuer: lower }), lower),
    ),
    make(
      {
        name: 'publisher-anchor-is-intermediate',
        rule: 'K6',
        says: "The anchor is an intermediate of the company's PKI.",
      },
      {
        ...signedBy(
          'profile',
          createCertificate({ name: 'publisher', issuer: issuing, ...publisherOptions(ORGANIZATION) }),
        ),
        claim: { publishers: [base64(issuing.der)] },
      },
    ),
    make(
      { name: 'publisher-second-anchor', rule: 'K6', says: 'The publisher is of the second anchor of the claim.' },
      { claim: { publishers: [base64(issuing.der), base64(world.publisherAnchor.der)] } },
    ),
    answerVector(
      world,
      {
        name: 'responder-32-days',
        rule: 'K5',
        says: 'The responder is valid for 31 days and a second.',
        error: 'signer-lifetime',
      },
      signedBy('decision', longLived),
    ),
    answerVector(
      world,
      { name: 'responder-31-days', rule: 'K5', says: 'The responder is valid for 31 days.' },
      signedBy('decision', responderOf(world, { from: NOW - 16 * DAY, until: NOW + 15 * DAY })),
    ),
  ];
}
