import { type LabelProof, ManagementError, type ProofTerms } from '@windlass/management';
import { expect, test } from 'vitest';
import { labelOf } from './claim-code-input.ts';
import { type ProofWish, withProof } from './label-proof.ts';
import { recordingTerminal } from './recording-terminal.ts';

const digest = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const terms: ProofTerms = {
  service: 'bootstrap.example',
  manufacturer: digest(1),
  serial: 'L-1',
  organization: 'acme',
  ownership: 1,
  publishers: [digest(0xab), digest(0xcd)],
};
const fingerprint = (byte: string) => Array.from({ length: 32 }, () => byte).join(':');
const CODE = '7k3m-9qxt-2b5d-8fhj-4npr-6stv-wy';

/** A service that wants a proof; what it was sent is in `sent`. */
async function ask(code: string | null, wish: ProofWish = {}) {
  const sent: (LabelProof | undefined)[] = [];
  const terminal = recordingTerminal();
  const act = async (labelProof?: LabelProof) => {
    sent.push(labelProof);
    if (labelProof === undefined) throw new ManagementError('label-proof', 422, 'It needs one.', { proofTerms: terms });
    return 'done';
  };
  const label = code === null ? null : await labelOf(code, 'here');
  const result = await withProof({ label, wish, terminal }, act).catch((cause: Error) => cause.message);
  return { result, sent, err: terminal.written.err };
}

test('the proof is made for what the service says, told first, and the code is in nothing that is sent or written', async () => {
  const { result, sent, err } = await ask(CODE, { serial: 'L-1', organization: 'acme' });
  expect(result).toBe('done');
  expect(sent).toEqual([
    undefined,
    { proof: expect.stringMatching(/^.{43}=$/), ownership: 1, publishers: terms.publishers },
  ]);
  expect(err).toMatch(/^Label proof: device L-1 for acme, ownership 1, publisher (AB:){31}AB, (CD:){31}CD\n$/);
  const code = CODE.replaceAll('-', '').toUpperCase();
  expect(JSON.stringify(sent).toUpperCase() + err).not.toContain(code);
});

test.each<[string, ProofWish]>([
  ['another device', { serial: 'L-2' }],
  ['another organization', { organization: 'rival' }],
  ['other publishers', { publisher: [fingerprint('AB')] }],
  ['publishers in another order', { publisher: [fingerprint('cd'), fingerprint('ab')] }],
])('a service that wants a proof for %s than was asked for gets none', async (_, wish) => {
  const { result, sent } = await ask(CODE, wish);
  expect(result).toMatch(/no proof was made/);
  expect(sent).toEqual([undefined]);
});

test('the publishers that are insisted on', async () => {
  expect((await ask(CODE, { publisher: [fingerprint('AB'), fingerprint('cd')] })).result).toBe('done');
});

test('without a code, and with one that is too short, nothing is proved', async () => {
  expect((await ask(null)).result).toBe('It needs one.');
  expect((await ask('7K3M-9QXT')).result).toMatch(/too short for one: it has 26 characters or more/);
});
