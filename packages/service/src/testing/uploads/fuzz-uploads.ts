// Uploads over HTTP, as administrators send them: each has to be taken as the CA that it is or refused with a sentence; and afterwards nothing of
// the private keys among them may be anywhere: not in the database, beside it, in the log, in an answer.
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { isProblemCode, type ProblemCode, ROUTES } from '@windlass/management';
import { parseOrganizationId } from '@windlass/protocol';
import { pino } from 'pino';
import { fingerprintOf } from '../../certificates.ts';
import { startManagementListener } from '../../http/management-listener.ts';
import { addNetwork } from '../../networks.ts';
import { addOrganization } from '../../organizations.ts';
import { addToken } from '../../tokens.ts';
import { admin, approverOf, type Fixture, openFixture, upload } from '../management-fixture.ts';
import { requestFor } from '../route-inputs.ts';
import { filesBelow, formOfLeak } from './leaks.ts';
import { createRandom } from './random.ts';
import { chanceCase, type UploadCase, type UploadOutcome, uploadParts, usualCases } from './upload-cases.ts';

/** How much, and what chance is made of. */
export interface UploadFuzz {
  readonly inputs: number;
  readonly seed: number;
}

/** What was found: a sentence each; and how often what came of a file. */
export interface FuzzedUploads {
  readonly problems: readonly string[];
  readonly outcomes: Readonly<Partial<Record<UploadOutcome, number>>>;
}

const A_SENTENCE = /^["A-Za-z][^\p{Cc}]{10,}\.$/u;
const inPlant = { organization: 'acme', network: 'plant' };

/** All usual files, and so many that chance made of them. */
export async function fuzzUploads({ inputs, seed }: UploadFuzz): Promise<FuzzedUploads> {
  const parts = uploadParts();
  const random = createRandom(seed);
  const usual = usualCases(parts);
  const world = await openWorld();
  const problems: string[] = [];
  const outcomes: Partial<Record<UploadOutcome, number>> = {};
  try {
    const chance = function* () {
      for (let index = 0; index < inputs; index++) yield chanceCase(parts, usual, random);
    };
    for (const each of [...usual, ...chance()]) {
      const { outcome, problem } = await tried(world, each, [parts.ca.der, parts.another.der].map(fingerprintOf));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (problem !== null) problems.push(`${each.name}: ${problem}`);
    }
    const secrets = parts.keys.flatMap((key) => key.secrets);
    for (const [name, bytes] of [...world.told(), ...filesBelow(world.fixture.directory)]) {
      const form = formOfLeak(bytes, secrets);
      if (form !== null) problems.push(`${name} has bytes of a private key (${form})`);
    }
  } finally {
    await world.close();
  }
  return { problems, outcomes };
}

interface World {
  readonly fixture: Fixture;
  /** The answer of the service to the upload of a file. */
  send(file: Buffer): Promise<{ readonly status: number; readonly text: string }>;
  /** What it logged and answered so far. */
  told(): readonly (readonly [name: string, bytes: Buffer])[];
  close(): Promise<void>;
}

async function openWorld(): Promise<World> {
  const fixture = await openFixture();
  const { management } = fixture;
  const [logged, answered]: [Buffer[], Buffer[]] = [[], []];
  const log = new Writable({
    write(chunk, _, done) {
      logged.push(Buffer.from(chunk));
      done();
    },
  });
  await addOrganization(management, admin, { name: 'acme' });
  await addNetwork(management, approverOf('acme'), { organization: 'acme', name: 'plant' });
  const scope = { role: 'approver', organization: parseOrganizationId('acme') } as const;
  const token = await addToken(management.store.tables, scope, management.now(), management.randomBytes);
  const logger = pino({ level: 'trace' }, log);
  const listener = await startManagementListener({ management, address: '127.0.0.1', port: 0, logger });
  return {
    fixture,
    send: async (file) => {
      const input = { ...inPlant, certificate: upload(file), permittedNames: ['acme.example'] };
      // With a key, so that what is kept of answers is looked through as well.
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
      const { path, init } = requestFor(ROUTES.addInspectionCa, input, headers);
      const response = await fetch(listener.url + path, init);
      const text = await response.text();
      answered.push(Buffer.from(text));
      return { status: response.status, text };
    },
    told: () => [
      ['the log', Buffer.concat(logged)],
      ['the answers', Buffer.concat(answered)],
    ],
    close: async () => {
      await listener.close();
      await fixture.close();
    },
  };
}

interface Answer {
  readonly code?: unknown;
  readonly detail?: string;
  readonly fingerprint?: string;
  readonly warnings?: readonly string[];
}

const DAMAGED = /another key signed it: check that this is the right file/;

/** What came of the file, and what is wrong with that. */
async function tried(
  world: World,
  { file, expected }: UploadCase,
  known: readonly string[],
): Promise<{ readonly outcome: UploadOutcome; readonly problem: string | null }> {
  const { status, text } = await world.send(file);
  const { code, detail, ...entry } = JSON.parse(text) as Answer;
  if (status === 201) {
    // A bit of the CA that changed makes another CA of it, and that is said.
    const isIt = known.includes(entry.fingerprint ?? '') || entry.warnings?.some((each) => DAMAGED.test(each)) === true;
    return { outcome: 'taken', problem: isIt ? unexpected('taken', expected) : `${entry.fingerprint} was taken` };
  }
  if (!isProblemCode(code)) return { outcome: 'internal', problem: `the answer ${status} has no code` };
  // The CA is there already: it would be taken.
  const outcome = code === 'exists' && known.some((fingerprint) => detail?.includes(fingerprint)) ? 'taken' : code;
  if (outcome !== 'taken' && !A_SENTENCE.test(detail ?? '')) return { outcome, problem: `"${detail}" is no sentence` };
  return { outcome, problem: unexpected(outcome, expected) };
}

function unexpected(outcome: 'taken' | ProblemCode, expected: readonly UploadOutcome[]): string | null {
  return expected.includes(outcome) ? null : `${outcome} instead of ${expected.join(' or ')}`;
}
