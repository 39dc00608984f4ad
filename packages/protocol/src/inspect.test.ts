import { parseCertificate } from '@windlass/x509';
import { describe, expect, test } from 'vitest';
import { inspectMessage, unixSeconds } from './index.ts';
import { type AnswerInput, answerVector, bodyOf } from './testing/vectors/vector.ts';
import { createWorld, NOW, profileOf, requestOf, SERVICE } from './testing/world.ts';

const world = createWorld();
const trust = { anchors: [parseCertificate(world.serviceAnchor.der)], service: SERVICE, time: unixSeconds(NOW) };
const answer = Buffer.from((answerVector(world, { name: 'a', rule: 'D1', says: '' }).input as AnswerInput).body ?? '');

describe('inspectMessage', () => {
  test('an answer with its three parts, verified: the profile by the publishers of the claim', () => {
    const inspection = inspectMessage(answer, trust);
    expect(inspection).toMatchObject({ kind: 'answer', ok: true });
    expect(inspection.messages.map(({ kind }) => kind)).toEqual(['decision', 'claim', 'security-profile']);
    expect(inspection.messages[0]?.signer).toMatchObject({ subject: 'CN=responder', algorithm: 'ecdsa-p256-sha256' });
  });

  test('without anchors nothing is verified, and it says so', () => {
    const inspection = inspectMessage(answer);
    expect(inspection.ok).toBeNull();
    expect(inspection.messages.flatMap(({ checks }) => checks).every(({ ok }) => ok)).toBe(true);
  });

  test('an answer with another claim does not belong together', () => {
    const { claim: _, ...parts } = JSON.parse(answer.toString());
    const other = answerVector(world, { name: 'b', rule: 'D1', says: '' }, { claim: { generation: 8 } })
      .input as AnswerInput;
    const mixed = Buffer.from(JSON.stringify({ ...parts, claim: JSON.parse(other.body ?? '').claim }));
    expect(inspectMessage(mixed, trust)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([expect.objectContaining({ code: 'claim-digest' })]),
    });
  });

  test('a request, by the anchor of its manufacturer, and by another', () => {
    const request = Buffer.from(bodyOf(requestOf(world), [world.device]));
    const manufacturer = { ...trust, anchors: [parseCertificate(world.manufacturer.der)] };
    expect(inspectMessage(request, manufacturer)).toMatchObject({ kind: 'bootstrap-request', ok: true });
    expect(inspectMessage(request, trust)).toMatchObject({ ok: false });
  });

  test('a profile alone, with a signature that does not fit', () => {
    const body = bodyOf(profileOf(world), [world.publisher]).replace('plant-a', 'plant-b');
    const [message] = inspectMessage(Buffer.from(body)).messages;
    expect(message?.checks.find(({ ok }) => !ok)).toMatchObject({
      code: 'digest-mismatch',
      explanation: expect.stringMatching(/\.$/),
    });
  });

  test('what is no message is unknown, and nothing is thrown', () => {
    for (const text of [
      '',
      '<html>',
      '{}',
      '{"payload":"[]","signature":"AA=="}',
      '{"payload":"{\\"type\\":\\"other\\"}","signature":"AA=="}',
    ]) {
      expect(inspectMessage(Buffer.from(text), trust).messages.every(({ kind }) => kind === 'unknown')).toBe(true);
    }
  });
});
