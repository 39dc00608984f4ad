// A stolen responder, then a stolen claim authority, from the anchor's key to the device, on a service that runs through it all.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AcceptedAnswer, encodeAnswer, heldRevocations, parseAnswer } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseChainPem } from './certificates.ts';
import { type RunningService, serve } from './serve.ts';
import { loadFileSigner } from './signer/file.ts';
import { installSigners } from './signer/install.ts';
import { issueSigners } from './signer/issue.ts';
import { signEnvelope } from './signer/ports.ts';
import { revokeSigners } from './signer/revoke.ts';
import {
  acceptOver,
  addManufacturer,
  bootstrapOver,
  initializeService,
  letIn,
  manage,
  type Sent,
  type ServiceFixture,
} from './testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf, type TestDevice } from './testing/test-pki.ts';

const box = makeCa('Box CA');
let fixture: ServiceFixture;
let service: RunningService;
let device: TestDevice;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  fixture = await initializeService();
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  device = makeDevice('pump-1', await addManufacturer(fixture, management()));
  await publishFor('pump-1');
});
afterEach(async () => {
  await service.close();
  vi.useRealTimers();
  fixture.remove();
});

const management = () => service.urls['management'] ?? '';
const keys = () => join(fixture.directory, 'keys');
const anchorKey = () => join(fixture.directory, 'offline', 'service-anchor.key');
const anchors = () => parseChainPem(readFileSync(join(fixture.directory, 'service-anchor.pem'), 'utf8'));

async function publishFor(serial: string): Promise<void> {
  const admin = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  const { approverToken = '' } = await manage(management(), admin, '/v1/organizations', { name: 'acme' });
  const acme = (path: string, body: object) =>
    manage(management(), approverToken, `/v1/organizations/acme${path}`, body);
  await acme('/networks', { name: 'plant' });
  await letIn(acme, 'plant', box);
  await acme('/networks/plant/profiles', {});
  await manage(management(), admin, '/v1/claims', { serial, organization: 'acme' });
}

/** As an operator does it: new ones first, then the list. */
function replace(role: 'responder' | 'claim-authority'): void {
  const out = join(fixture.parent, `new-${role}`);
  issueSigners({ anchorKey: anchorKey(), role, out });
  expect(installSigners({ from: out, dir: fixture.directory }).warnings).toEqual([]);
}

function revoke(...certificates: readonly string[]) {
  const { list } = revokeSigners({ anchorKey: anchorKey(), certificates });
  return installSigners({ from: list, dir: fixture.directory });
}

/** The device asks, with what it accepted before. */
function ask(held?: AcceptedAnswer): Promise<Sent> {
  const claim = held !== undefined && 'claim' in held ? held.claim : null;
  const profile = held !== undefined && 'profile' in held ? held.profile : null;
  return bootstrapOver(service.urls['device-http'] ?? '', device, [makeLeaf(box)], {
    ...(claim && { claim: { generation: claim.claim.generation, digest: claim.digest } }),
    profiles: profile ? [{ ...profile.profile, digest: profile.digest }] : [],
    revocations: heldRevocations(held?.floors.revocations ?? [], anchors()),
  });
}

function accept(sent: Sent, held?: AcceptedAnswer): AcceptedAnswer {
  if (held?.kind !== 'granted') return acceptOver(fixture, device, sent);
  const { claim, profile, floors } = held;
  const envelopes = { claim: claim.envelope, profiles: [profile.envelope] };
  return acceptOver(fixture, device, sent, { floors, held: envelopes });
}

const partsOf = ({ body }: Sent) => parseAnswer(Buffer.from(body));
const health = async (name: string) => (await fetch(`${service.urls[name]}/healthz`)).json();

test('[S14] a stolen responder: the running service changes to another, devices get the list, and refuse what the thief signs', async () => {
  const stolen = join(fixture.parent, 'stolen');
  cpSync(join(keys(), 'responders'), stolen, { recursive: true });
  const held = accept(await ask());
  expect(held).toMatchObject({ kind: 'granted', floors: { revocations: [] } });
  replace('responder');
  expect(revoke(join(stolen, '001.pem'), join(stolen, '002.pem')).warnings).toEqual([]);
  vi.advanceTimersByTime(5_000);
  const sent = await ask(held);
  expect(Object.keys(partsOf(sent))).toEqual(['decision', 'revocations']);
  const informed = accept(sent, held);
  expect(informed).toMatchObject({ kind: 'granted' });
  expect(informed.floors.revocations).toHaveLength(1);
  expect(await health('device-http')).toMatchObject({ status: 'ok' });

  const next = await ask(informed);
  expect(Object.keys(partsOf(next))).toEqual(['decision']);
  const thief = loadFileSigner({ certificate: join(stolen, '001.pem'), key: join(stolen, '001.key') });
  const decision = await signEnvelope(thief, partsOf(next).decision.payload);
  const forged = { ...next, body: encodeAnswer({ decision }) };
  expect(() => accept(forged, informed)).toThrow(expect.objectContaining({ code: 'signer-revoked' }));
  expect(accept(forged, held)).toMatchObject({ kind: 'granted' });
});

test('[S14] a stolen claim authority: no list before its claims are signed anew, then both at once; devices accept throughout', async () => {
  const held = accept(await ask());
  expect(revoke(join(keys(), 'claim-authority', '001.pem')).warnings).toEqual([
    expect.stringMatching(/^Every claim-authority/),
  ]);
  vi.advanceTimersByTime(60_000);
  await expect
    .poll(() => health('management'))
    .toMatchObject({
      status: 'warning',
      claimAuthority: {
        warnings: expect.arrayContaining([expect.stringMatching(/^1 claim\(s\) are signed by a revoked/)]),
      },
    });
  for (const before of [undefined, held]) {
    const sent = await ask(before);
    expect(partsOf(sent).revocations).toBeUndefined();
    expect(accept(sent, before)).toMatchObject({ kind: 'granted' });
  }

  replace('claim-authority');
  vi.advanceTimersByTime(60_000);
  await expect.poll(() => health('management')).toMatchObject({ status: 'ok' });
  const sent = await ask(held);
  expect(Object.keys(partsOf(sent))).toEqual(['decision', 'claim', 'revocations']);
  const informed = accept(sent, held);
  expect(informed).toMatchObject({ kind: 'granted', claim: { claim: { generation: 2, ownership: 1 } } });
  expect(Object.keys(partsOf(await ask(informed)))).toEqual(['decision']);
});

test('[S14] nobody is left to sign: the device side answers nothing, and does not start again; one sentence says why', async () => {
  const held = accept(await ask());
  revoke(join(keys(), 'responders', '001.pem'), join(keys(), 'responders', '002.pem'));
  vi.advanceTimersByTime(5_000);
  await expect(ask(held)).rejects.toThrow(/^503 /);
  expect(await health('device-http')).toMatchObject({
    status: 'warning',
    responder: { warnings: [expect.stringMatching(/^The responder that is valid now is revoked: issue more/)] },
  });
  await service.close();
  await expect(serve({ configFile: fixture.configFile, log: 'silent' })).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(/that is valid now is revoked: issue more with "windlass signer issue/),
  });
  replace('responder');
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  expect(accept(await ask(held), held)).toMatchObject({ kind: 'granted' });
});
