// Answers whose decision is refused by what it says: not for this device, this request, this moment. Each is signed by the responder.
import { at, DAY, decisionOf, deviceId, NOW, payloadOf, requestOf, sha256, signMessage, type World } from '../world.ts';
import { type AnswerTwist, answerVector, type CaseHead, type Vector } from './vector.ts';

export function decisionVectors(world: World): readonly Vector[] {
  const make = (head: Omit<CaseHead, 'shell'>, twist: AnswerTwist) =>
    answerVector(world, { ...head, shell: true }, twist);
  return [...timeVectors(make), ...bindingVectors(world, make), ...ageVectors(make)];
}

type Make = (head: Omit<CaseHead, 'shell'>, twist: AnswerTwist) => Vector;

function timeVectors(make: Make): readonly Vector[] {
  const floorAt = (seconds: number): AnswerTwist => ({
    input: ({ floors }) => ({ floors: { ...floors, time: at(seconds) } }),
  });
  const clockAt = (seconds: number, state = 'trusted'): AnswerTwist => ({
    input: () => ({ clock: { state, time: at(seconds) } }),
  });
  const early = { floors: { time: at(NOW - 20 * 366 * DAY) } };
  return [
    make({ name: 'floor-equal', rule: 'T2', says: 'The decision is as old as the floor.' }, floorAt(NOW)),
    make(
      {
        name: 'before-floor',
        rule: 'T2',
        says: 'The decision is one second older than the floor.',
        error: 'time-before-floor',
      },
      floorAt(NOW + 1),
    ),
    make({ name: 'clock-24h', rule: 'T3', says: 'A trusted clock differs by 24 hours.' }, clockAt(NOW + DAY)),
    make(
      {
        name: 'clock-ahead',
        rule: 'T3',
        says: 'A trusted clock is 24 hours and a second ahead.',
        error: 'clock-mismatch',
      },
      clockAt(NOW + DAY + 1),
    ),
    make(
      {
        name: 'clock-behind',
        rule: 'T3',
        says: 'A trusted clock is 24 hours and a second behind.',
        error: 'clock-mismatch',
      },
      clockAt(NOW - DAY - 1),
    ),
    make(
      { name: 'clock-untrusted', rule: 'T3', says: 'A clock that nobody vouches for may differ by months.' },
      clockAt(NOW + 90 * DAY, 'untrusted'),
    ),
    make(
      {
        name: 'clock-before-floor',
        rule: 'T4',
        says: 'A clock before the floor is not trusted, whatever the configuration says.',
      },
      clockAt(0),
    ),
    make(
      {
        name: 'clock-just-before-floor',
        rule: 'T4',
        says: 'A clock that signed times have led by less than 24 hours is trusted still, and leads no further.',
        error: 'clock-mismatch',
      },
      {
        input: ({ floors }) => ({
          floors: { ...floors, time: at(NOW - 3600) },
          clock: { state: 'trusted', time: at(NOW - DAY - 1800) },
        }),
      },
    ),
    make(
      { name: 'clock-far-ahead', rule: 'T4', says: 'A clock more than 10 years after the floor is not trusted.' },
      {
        input: ({ floors }) => ({
          floors: { ...floors, ...early.floors },
          clock: { state: 'trusted', time: at(NOW + 2 * DAY) },
        }),
      },
    ),
  ];
}

function bindingVectors(world: World, make: Make): readonly Vector[] {
  const otherNonce = Buffer.alloc(32, 9).toString('base64');
  const older = payloadOf(requestOf(world, { clock: { state: 'untrusted', time: at(NOW - 400) } }));
  return [
    make(
      {
        name: 'other-serial',
        rule: 'D1',
        says: 'The decision is for another device of the manufacturer.',
        error: 'device-mismatch',
      },
      { decision: { device: { ...(deviceId(world) as object), serial: 'SN-0002' } } },
    ),
    make(
      {
        name: 'other-manufacturer',
        rule: 'D1',
        says: 'The decision is for a device of another manufacturer with this serial.',
        error: 'device-mismatch',
      },
      { decision: { device: { ...(deviceId(world) as object), manufacturer: sha256('another manufacturer') } } },
    ),
    make(
      {
        name: 'other-nonce',
        rule: 'D2',
        says: 'The decision has another nonce: an old answer, or another exchange.',
        error: 'nonce-mismatch',
      },
      { decision: { nonce: otherNonce } },
    ),
    make(
      { name: 'nonce-used', rule: 'D2', says: 'An answer with this nonce was committed before.', error: 'nonce-used' },
      { input: ({ request }) => ({ lastNonce: request.nonce }) },
    ),
    make(
      {
        name: 'other-request',
        rule: 'D3',
        says: 'The decision is for another request with the same nonce.',
        error: 'request-mismatch',
      },
      { decision: { request: sha256(older) } },
    ),
    make(
      { name: 'replayed', rule: 'D2', says: 'A whole old answer is replayed.', error: 'nonce-mismatch' },
      {
        answer: (parts) => {
          const request = payloadOf(requestOf(world, { nonce: otherNonce }));
          const old = decisionOf(
            world,
            { request },
            {
              nonce: otherNonce,
              claim: sha256(parts.claim?.payload ?? ''),
              profile: sha256(parts.profile?.payload ?? ''),
            },
          );
          return { ...parts, decision: signMessage(old, [world.responder]) };
        },
      },
    ),
  ];
}

function ageVectors(make: Make): readonly Vector[] {
  const aged = (ageSeconds: number, kind = 'online'): AnswerTwist => ({
    input: ({ request }) => ({ request: { ...request, ageSeconds, kind } }),
  });
  return [
    make({ name: 'request-299s', rule: 'D4', says: 'The answer arrives 299 seconds after the request.' }, aged(299)),
    make(
      {
        name: 'request-300s',
        rule: 'D4',
        says: 'The answer arrives 300 seconds after the request.',
        error: 'request-stale',
      },
      aged(300),
    ),
    make(
      {
        name: 'hand-carried-30-days',
        rule: 'D4',
        says: 'A hand-carried answer arrives after 30 days.',
        error: 'request-stale',
      },
      aged(30 * DAY, 'hand-carried'),
    ),
  ];
}
