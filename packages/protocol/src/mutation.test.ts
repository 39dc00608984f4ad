// At least 10 000 mutants of valid messages: none is accepted, and nothing is thrown but ProtocolError.
import { parseCertificate } from '@windlass/x509';
import { describe, expect, test } from 'vitest';
import {
  acceptAcknowledgement,
  ProtocolError,
  parseDigest,
  parseSerial,
  parseServiceName,
  unixSeconds,
  verifyReport,
  verifyRequest,
} from './index.ts';
import {
  bitFlips,
  foreignSigners,
  type Mutant,
  memberMutants,
  signatureMutants,
  swappedAnswers,
  truncations,
} from './testing/mutants.ts';
import { acceptVector } from './testing/vectors/run-vector.ts';
import { type AnswerInput, answerVector, bodyOf } from './testing/vectors/vector.ts';
import {
  acknowledgementOf,
  createWorld,
  NOW,
  payloadOf,
  reportOf,
  requestOf,
  SERIAL,
  SERVICE,
  sha256,
} from './testing/world.ts';

const world = createWorld();
const service = parseServiceName(SERVICE);
const known = {
  service,
  now: unixSeconds(NOW),
  manufacturers: [parseCertificate(world.manufacturer.der)],
  isRegisteredKey: () => false,
};
const device = { manufacturer: parseDigest(world.manufacturer.key.digest), serial: parseSerial(SERIAL) };
const report = payloadOf(reportOf(world));
const context = {
  service,
  serviceAnchors: [parseCertificate(world.serviceAnchor.der)],
  device,
  report: parseDigest(sha256(report)),
  counter: 5,
  floor: unixSeconds(NOW),
  clock: { state: 'untrusted', time: unixSeconds(NOW) } as const,
  revocations: [],
};
const honest = answerVector(world, { name: 'honest', rule: 'D16', says: '' }).input as AnswerInput;
const { body: _, ...withoutBody } = honest;

/** Each way in, an honest body for it, and what it says of another. */
const receivers: readonly (readonly [string, Buffer, (body: Uint8Array) => unknown])[] = [
  [
    'acceptAnswer',
    Buffer.from(honest.body ?? ''),
    (body) => acceptVector({ ...withoutBody, bodyBase64: Buffer.from(body).toString('base64') }),
  ],
  ['verifyRequest', Buffer.from(bodyOf(requestOf(world), [world.device])), (body) => verifyRequest(body, known)],
  ['verifyReport', Buffer.from(bodyOf(reportOf(world), [world.device])), (body) => verifyReport(body, known)],
  [
    'acceptAcknowledgement',
    Buffer.from(bodyOf(acknowledgementOf(world, report), [world.responder])),
    (body) => acceptAcknowledgement(body, context),
  ],
];

function verdict(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    return error instanceof ProtocolError ? 'refused' : `not a ProtocolError: ${error}`;
  }
  return 'accepted';
}

let count = 0;

/** What was not refused. */
function survivors(mutants: Iterable<Mutant>, receive: (body: Uint8Array) => unknown): readonly string[] {
  const found: string[] = [];
  for (const { how, body } of mutants) {
    count += 1;
    const result = verdict(() => receive(body));
    if (result !== 'refused') found.push(`${how}: ${result}`);
  }
  return found;
}

describe.each(receivers)('%s', (name, body, receive) => {
  const factor = name === 'acceptAnswer' ? 4 : 1;

  test('accepts the honest message', () => {
    expect(verdict(() => receive(body))).toBe('accepted');
  });

  test('refuses it with a bit turned', () => {
    expect(survivors(bitFlips(body, 7 * factor), receive)).toEqual([]);
  });

  test('refuses it when it is cut', () => {
    expect(survivors(truncations(body, 13 * factor), receive)).toEqual([]);
  });

  test('refuses it with a member removed or of another kind', () => {
    expect(survivors(memberMutants(body), receive)).toEqual([]);
  });

  test('refuses it with a bit of the CMS turned, an element of it removed or doubled', () => {
    expect(survivors(signatureMutants(body, 3 * factor), receive)).toEqual([]);
  });

  test('refuses the messages of every other kind', () => {
    const others = receivers.filter(([other]) => other !== name).map(([how, other]) => ({ how, body: other }));
    expect(survivors(others, receive)).toEqual([]);
  });
});

test('an answer with a member of another device, exchange, organization, network or epoch is refused', () => {
  const accepted = [...swappedAnswers(world)].filter(({ input }) => verdict(() => acceptVector(input)) !== 'refused');
  expect(accepted.map(({ how }) => how)).toEqual([]);
});

test('an answer with a part signed by anybody else of this world is refused', () => {
  const accepted = [...foreignSigners(world)].filter(({ input }) => verdict(() => acceptVector(input)) !== 'refused');
  expect(accepted.map(({ how }) => how)).toEqual([]);
});

test('these were at least 10 000 mutants', () => {
  expect(count).toBeGreaterThanOrEqual(10_000);
  process.stdout.write(`${count} mutants of valid messages refused\n`);
});
