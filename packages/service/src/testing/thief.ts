// What a thief of keys or tokens does: copies what lies in the directory of keys, signs answers and profiles of their own, tries every route.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, ROUTES, type Route } from '@windlass/management';
import {
  type AcceptedAnswer,
  type Answer,
  type Decision,
  digestOf,
  type Envelope,
  encodeAnswer,
  encodeDecision,
  encodeSecurityProfile,
  ProtocolError,
  parseClaim,
  parseSecurityProfile,
  type SecurityProfile,
} from '@windlass/protocol';
import { parseChainPem, pemOf } from '../certificates.ts';
import { startManagementListener } from '../http/management-listener.ts';
import { RESPONDERS } from '../signer/key-directory.ts';
import { SERVICE, upload } from './management-fixture.ts';
import type { Asked, OrganizationWorld, WorldDevice } from './organization-world.ts';
import { signPayload, type TestEntity } from './test-pki.ts';

export type Thief = ReturnType<typeof thiefIn>;

/** What the thief wants devices to take; members beside claim and profile are the decision's. */
export type Wanted = Omit<Partial<Decision>, 'claim' | 'profile'> & Answerable;

interface Answerable {
  readonly claim: Envelope | null;
  readonly profile: Envelope | null;
}

/** A thief in this world, who wants devices to trust the CA `evil`. */
export function thiefIn(world: OrganizationWorld, evil: TestEntity) {
  const now = () => world.fixture.management.now();

  /** What lies in the directory of keys, as a thief copies it. */
  function steal(...path: readonly string[]): TestEntity {
    const file = join(world.fixture.directory, 'keys', ...path);
    const [certificate] = parseChainPem(readFileSync(`${file}.pem`, 'utf8'));
    if (certificate === undefined) throw new Error('There is nothing to steal.');
    return { certificate, key: createPrivateKey(readFileSync(`${file}.key`)) };
  }

  return {
    steal,
    stealResponder: () => steal(RESPONDERS, '001'),

    /** A profile with the thief's CA: as that which the device has, with changes. */
    forge(signer: TestEntity, like: Envelope, change: Partial<SecurityProfile> = {}): Envelope {
      const profile = parseSecurityProfile(like.payload, SERVICE);
      const until = profile.expires;
      const ca = { certificate: evil.certificate.der, permittedNames: ['*'], excludedNames: [], from: now(), until };
      const forged = { ...profile, sequence: profile.sequence + 1, inspectionCas: [ca], retire: [], ...change };
      return signPayload(signer, encodeSecurityProfile(forged));
    },

    /** An answer to the request by whoever has the responder's key: it names what the thief wants. */
    answerBy(responder: TestEntity, device: WorldDevice, asked: Asked, parts: Wanted): string {
      const { claim, profile, ...change } = parts;
      const said = claim === null ? null : parseClaim(claim.payload, SERVICE);
      const network = profile === null ? null : parseSecurityProfile(profile.payload, SERVICE).network;
      const decision = {
        service: SERVICE,
        device: device.device.id,
        nonce: asked.nonce,
        request: digestOf(asked.payload),
        time: now(),
        outcome: 'granted',
        refreshAfterSeconds: 60,
        ...(said === null || said.organization === null ? {} : { organization: said.organization, epoch: said.epoch }),
        ...(claim === null ? {} : { claim: digestOf(claim.payload) }),
        ...(profile === null ? {} : { profile: digestOf(profile.payload) }),
        ...(network === null ? {} : { network }),
        ...change,
      } as Decision;
      const answer: Answer = {
        decision: signPayload(responder, encodeDecision(decision)),
        ...(claim === null ? {} : { claim }),
        ...(profile === null ? {} : { profile }),
      };
      return encodeAnswer(answer);
    },

    /** The code with which the device refuses, or what it would trust. */
    verdict(device: WorldDevice, asked: Asked, body: string): string | AcceptedAnswer {
      try {
        return world.judge(device, asked, body);
      } catch (error) {
        if (error instanceof ProtocolError) return error.code;
        throw error;
      }
    },

    /** With this token, and every one that comes out of it, each route is tried for this device. Returns what was done. */
    async tryEveryRoute(token: string, serial: string, organizations = ['acme', 'evil']): Promise<readonly string[]> {
      const { management } = world.fixture;
      const listener = await startManagementListener({ management, address: '127.0.0.1', port: 0 });
      try {
        const stolen = [token];
        const calls: string[] = [];
        // Twice: what the first round made, the second may use.
        for (let round = 0; round < 2; round++) {
          for (const held of [...stolen]) {
            const client = createClient({ url: listener.url, token: held });
            for (const name of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
              for (const organization of organizations) {
                for (const input of inputsFor(ROUTES[name], { organization, serial, evil })) {
                  const call = client[name] as (input: unknown) => Promise<unknown>;
                  const said = await call(input).then(JSON.stringify, () => '');
                  if (said !== '') calls.push(`${name} ${organization}`);
                  for (const [found] of said.matchAll(/wl_[A-Za-z0-9_-]{43}/g))
                    if (!stolen.includes(found)) stolen.push(found);
                }
              }
            }
          }
        }
        return calls;
      } finally {
        await listener.close();
      }
    },
  };
}

/** What a thief would send to a route, with and without what may be left out: everything aims at one device. */
function inputsFor(
  route: Route,
  { organization, serial, evil }: { readonly organization: string; readonly serial: string; readonly evil: TestEntity },
): readonly Record<string, unknown>[] {
  const pem = pemOf(evil.certificate.der);
  const values: Record<string, unknown> = {
    organization,
    name: route.path === '/v1/organizations' ? organization : 'plant',
    network: 'plant',
    serial,
    labelProof: { proof: `${'A'.repeat(43)}=`, ownership: 1, publishers: [`${'A'.repeat(43)}=`] },
    manufacturer: 'maker',
    certificate: route.path.endsWith('inspection-cas') ? upload(evil.certificate.der) : pem,
    permittedNames: ['*'],
    fingerprint: 'AB'.repeat(32),
    sha256: 'AB'.repeat(32),
    person: `${organization}-approver`,
    roles: ['approver'],
    role: 'approver',
    reason: 'mine',
    to: 'evil',
    all: true,
    newPublisher: true,
    force: true,
    host: 'app.example',
    port: 443,
    protocol: 'https',
    required: false,
    endpoint: 'plant',
    payload: '{}',
    signature: 'AAAA',
    days: 30,
    id: 'ab'.repeat(4),
  };
  const schemas = [route.params, route.query, ...(route.body === null ? [] : [route.body])];
  const names = schemas.flatMap((schema) => Object.keys(schema.properties));
  const required = schemas.flatMap((schema) => (schema.required ?? []) as readonly string[]);
  const pick = (some: readonly string[]) =>
    Object.fromEntries(some.filter((each) => values[each] !== undefined).map((each) => [each, values[each]]));
  const unproved = names.filter((name) => name !== 'labelProof');
  return [
    pick(names),
    pick(unproved),
    pick(required),
    pick([...required, 'organization'].filter((each) => names.includes(each))),
  ];
}
