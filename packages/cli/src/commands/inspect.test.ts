import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runProgram } from '../program.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'windlass-inspect-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Vector {
  readonly input: { readonly body: string; readonly service: string; readonly serviceAnchors: readonly string[] };
}

async function inspect(body: string | Uint8Array, ...options: readonly string[]) {
  const file = join(directory, 'message.json');
  writeFileSync(file, body);
  const terminal = recordingTerminal();
  await runProgram(['inspect', file, ...options], terminal);
  return terminal.written;
}

function vector(name: string): Vector['input'] & { readonly trust: readonly string[] } {
  const text = readFileSync(new URL(`../../../../spec/vectors/answer/${name}.json`, import.meta.url), 'utf8');
  const { input }: Vector = JSON.parse(text);
  const anchor = join(directory, 'anchor.pem');
  writeFileSync(anchor, input.serviceAnchors.join(''));
  return { ...input, trust: ['--anchor', anchor, '--service', input.service] };
}

describe('inspect', () => {
  test('of a good answer says what it is, who signed it, and that it holds', async () => {
    const { body, trust } = vector('granted');
    const { out, err, exitCode } = await inspect(body, ...trust);
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    expect(out).toMatch(/^answer: /);
    expect(out).toMatch(
      /decision: [\s\S]*outcome +granted[\s\S]*claim: [\s\S]*security-profile: [\s\S]*inspection CA +.* for .* until /,
    );
    expect(out).toMatch(/signed by +\S/);
    expect(out).toMatch(/It holds: verified against .*anchor\.pem\.\n$/);
  });

  test('of a claim with a label proof says that it has one, which needs the code to be judged', async () => {
    const { body, trust } = vector('label-proof');
    const { out, exitCode } = await inspect(body, ...trust);
    expect(out).toMatch(/label proof +yes, which only the device can judge/);
    expect(exitCode).toBe(0);
  });

  test('without an anchor says that nothing was verified', async () => {
    const { out, exitCode } = await inspect(vector('granted').body);
    expect(out).toMatch(/Nothing was verified: without an anchor anybody may have signed this/);
    expect(out).not.toContain('It holds');
    expect(exitCode).toBe(0);
  });

  test.each([
    ['signature-of-other-key', /It does not hold: .*\(signature\)/],
    ['payload-changed', /\(digest-mismatch\)/],
    ['responder-of-stranger', /\(signer-untrusted\)/],
    ['claim-swapped', /\(claim-digest\)/],
    ['publisher-of-other-organization', /It does not hold/],
  ])('of the bad answer %s exits with 1 and names the check', async (name, sentence) => {
    const { body, trust } = vector(name);
    const { out, exitCode } = await inspect(body, ...trust);
    expect(out).toMatch(sentence);
    expect(exitCode).toBe(1);
    const machine = await inspect(body, ...trust, '--json');
    expect(JSON.parse(machine.out).ok).toBe(false);
    expect(machine.exitCode).toBe(1);
  });

  test('for another service does not hold', async () => {
    const { body, trust } = vector('granted');
    const { exitCode, out } = await inspect(body, ...trust.slice(0, 2), '--service', 'other.example');
    expect(out).toContain('(service)');
    expect(exitCode).toBe(1);
  });

  test('of what is no message at all says so', async () => {
    for (const body of ['<html>blocked</html>', '{}', new Uint8Array([0xff, 0x00])]) {
      const { out, err, exitCode } = await inspect(body);
      expect(err).toMatch(/is no message of this protocol/);
      expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    }
  });

  test('with half of what verification needs is a usage error', async () => {
    const { body, trust } = vector('granted');
    expect((await inspect(body, ...trust.slice(0, 2))).err).toMatch(/both are needed/);
    expect((await inspect(body, ...trust.slice(2))).exitCode).toBe(2);
    expect((await inspect(body, ...trust, '--time', 'now')).err).toMatch(/--time takes a time/);
  });
});
