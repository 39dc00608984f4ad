// Claims that a revoked claim authority signed are signed anew: which, with what in them, and what is there when it stops halfway.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseClaim, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { verifyAudit } from './audit.ts';
import { fingerprintOf, keyDigestOf, parseChainPem } from './certificates.ts';
import { keepRenewingClaims, renewClaims } from './claim-renewal.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { listDevices } from './device-list.ts';
import { healthOf } from './health.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { seriesOf, writeSigners } from './signer/issue.ts';
import { signersOf } from './signer/revocations.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  SERVICE,
} from './testing/management-fixture.ts';

const maker = opensslCertificate({ commonName: 'Maker' });
const makerDigest = parseChainPem(maker.pem).map(keyDigestOf)[0];
const acme = approverOf('acme');
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  await addNetwork(management, acme, { organization: 'acme', name: 'plant' });
  await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
});
afterEach(() => fixture.close());

const claim = (serial: string) =>
  addClaim(fixture.management, admin, { serial, organization: 'acme', network: 'plant' });

async function current(serial: string) {
  if (makerDigest === undefined) throw new Error('no certificate');
  const row = await fixture.management.store.tables.claims.current(makerDigest, parseSerial(serial));
  if (row === null) throw new Error('There is no claim.');
  return { row, claim: parseClaim(row.envelope.payload, SERVICE), signers: signersOf(row.envelope, 'claim-authority') };
}

const authorityNow = async () => (await fixture.management.keys.claimAuthority(fixture.management.now())).chain;

/** The claim authority that signs now is revoked. */
async function revokeAuthority() {
  const chain = await authorityNow();
  fixture.revoke(...chain);
  return chain;
}

function installAuthority(first: number): void {
  const { directory, anchor, management } = fixture;
  const series = seriesOf('claim-authority', anchor, 1, management.now());
  writeSigners(join(directory, 'keys', 'claim-authority'), series, first);
}

const renewals = async () => {
  const { audit } = fixture.management.store.tables;
  expect(await verifyAudit(audit)).toBe('intact');
  return (await audit.after(0, 1_000))
    .filter(({ act }) => act === 'claim.renew')
    .map((row) => ({ ...row, detail: JSON.parse(row.detail) }));
};

test('[S14] claims of a revoked authority are signed anew as a new generation, released ones too; the same otherwise [S12]', async () => {
  const { management } = fixture;
  await claim('S-1');
  await claim('S-2');
  await releaseClaim(management, acme, { serial: 'S-2' });
  const before = [await current('S-1'), await current('S-2')];
  const revoked = await revokeAuthority();
  fixture.advance(3_600);
  installAuthority(2);
  await claim('S-3');
  const third = await current('S-3');
  expect(await renewClaims(management)).toEqual({ renewed: 2, left: 0 });
  const after = [await current('S-1'), await current('S-2')];
  const [signers, stolen] = [await authorityNow(), revoked].map((chain) => chain.map(({ der }) => fingerprintOf(der)));
  expect(signers).not.toEqual(stolen);
  for (const [index, { row, claim: said, signers: by }] of after.entries()) {
    const old = before[index];
    if (old === undefined) throw new Error('nothing was there before');
    const { generation, expires } = said;
    expect(generation).toBe(old.claim.generation + 1);
    expect(said).toEqual({ ...old.claim, generation, expires });
    const { digest, envelope } = row;
    expect(row).toEqual({ ...old.row, generation, expires, digest, envelope });
    expect(by.map(({ der }) => fingerprintOf(der))).toEqual(signers);
  }
  expect((await current('S-3')).row).toEqual(third.row);
  expect(await renewals()).toMatchObject([
    {
      actor: 'system',
      organization: null,
      object: '2 claim(s)',
      detail: {
        count: 2,
        reason: 'claim-authority-revoked',
        first: 'S-1',
        last: 'S-2',
        claimAuthority: signers?.[0],
        before: { generations: [1, 2], epochs: [0, 1] },
        after: { generations: [2, 3], epochs: [0, 1] },
      },
    },
  ]);
  expect(await renewClaims(management)).toEqual({ renewed: 0, left: 0 });
});

test('what an owner sees of a device stays when its claim is signed anew', async () => {
  const { management, seen } = fixture;
  const { serial } = await claim('S-1');
  const time = management.now();
  if (makerDigest === undefined) throw new Error('no certificate');
  const device = { manufacturer: makerDigest, serial: parseSerial(serial), key: makerDigest };
  seen.push({
    ...device,
    firstSeen: time,
    lastSeen: time,
    lastOutcome: 'granted',
    lastReport: null,
    lastTrouble: null,
  });
  const { items } = await listDevices(management, { organization: 'acme' });
  await revokeAuthority();
  fixture.advance(3_600);
  installAuthority(2);
  await renewClaims(management);
  const { claimExpires = null } = (await listDevices(management, { organization: 'acme' })).items[0] ?? {};
  expect((await listDevices(management, { organization: 'acme' })).items).toEqual([
    { ...items[0], generation: 2, claimExpires },
  ]);
});

test('more than one batch; what was ended halfway is found again, and an audit entry tells of each batch', async () => {
  const { management } = fixture;
  const template = await claim('S-0').then(() => current('S-0'));
  await management.store.transaction(async ({ claims }) => {
    for (let index = 1; index < 450; index++) await claims.add({ ...template.row, serial: parseSerial(`S-${index}`) });
  });
  await revokeAuthority();
  installAuthority(2);
  let asked = 0;
  expect(await renewClaims(management, () => ++asked > 1)).toMatchObject({ renewed: 200 });
  // As after a restart: nothing is remembered.
  Object.assign(management.renewal, { lists: null, left: 0 });
  expect(await renewClaims(management)).toEqual({ renewed: 250, left: 0 });
  expect((await renewals()).map(({ detail }) => detail.count)).toEqual([200, 200, 50]);
});

test('a claim that ended stays as it is: nobody is given it', async () => {
  await claim('S-1');
  await revokeAuthority();
  fixture.advance(2 * 365 * 86_400);
  installAuthority(2);
  expect(await renewClaims(fixture.management)).toEqual({ renewed: 0, left: 0 });
  expect((await current('S-1')).row.generation).toBe(1);
});

test('without another authority: health counts the claims and says what to do; they are signed anew when one comes', async () => {
  const { management } = fixture;
  await claim('S-1');
  await claim('S-2');
  expect(await healthOf(management)).toMatchObject({ status: 'ok' });
  await revokeAuthority();
  expect(await renewClaims(management)).toEqual({ renewed: 0, left: 2 });
  expect(await renewClaims(management)).toEqual({ renewed: 0, left: 2 });
  await expect(claim('S-3')).rejects.toMatchObject({ code: 'signer-revoked' });
  expect(await healthOf(management)).toMatchObject({
    status: 'warning',
    claimAuthority: {
      expires: null,
      warnings: [
        /^Every claim-authority that is valid now is revoked, and nothing is signed: make one with "windlass signer/,
        /^2 claim\(s\) are signed by a revoked claim authority: they are signed anew as soon as another one is installed/,
      ].map((sentence) => expect.stringMatching(sentence)),
    },
  });
  installAuthority(2);
  expect(await renewClaims(management)).toEqual({ renewed: 2, left: 0 });
  expect(await healthOf(management)).toMatchObject({ status: 'ok', claimAuthority: { warnings: [] } });
});

test('a device that changes hands meanwhile keeps what it was given then', async () => {
  const { management } = fixture;
  await claim('S-1');
  await revokeAuthority();
  installAuthority(2);
  const { transaction } = management.store;
  const store = {
    ...management.store,
    transaction: (async (work) => {
      await releaseClaim({ ...management, store: { ...management.store, transaction } }, acme, { serial: 'S-1' });
      return transaction(work);
    }) as typeof transaction,
  };
  await renewClaims({ ...management, store });
  expect((await current('S-1')).claim).toMatchObject({ organization: null, generation: 2 });
  expect(await renewClaims(management)).toEqual({ renewed: 0, left: 0 });
});

test('it is done at once, and again each minute; a list that cannot be read is told to the log; closing waits for it', async () => {
  const { management, directory } = fixture;
  const lines: string[] = [];
  const log = {
    info: (_: object, text: string) => lines.push(text),
    warn: (_: object, text: string) => lines.push(text),
  };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    await claim('S-1');
    await revokeAuthority();
    installAuthority(2);
    const stop = keepRenewingClaims(management, log);
    await expect.poll(() => lines).toEqual(['claims of a revoked claim authority were signed anew']);
    writeFileSync(join(directory, 'revocations.pem'), 'no list');
    vi.advanceTimersByTime(60_000);
    await expect.poll(() => lines.at(-1)).toBe('claims of a revoked claim authority could not be signed anew');
    expect(await healthOf(management)).toMatchObject({
      status: 'warning',
      responder: {
        warnings: [expect.stringMatching(/^revocations.pem is not a file of revocation lists in PEM: remove it/)],
      },
    });
    expect(JSON.stringify(await healthOf(management))).not.toContain(directory);
    await stop();
    vi.advanceTimersByTime(600_000);
    expect(lines).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});
