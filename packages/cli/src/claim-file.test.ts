import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManagementClient, ManagementError } from '@windlass/management';
import { afterAll, expect, test } from 'vitest';
import { claimFile } from './claim-file.ts';
import { recordingTerminal } from './recording-terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'windlass-claims-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A service where S-1 belongs to acme, and that takes no more after the serial `limit`. */
function fakeService() {
  const asked: unknown[] = [];
  const claim = async (sent: { readonly serial: string }) => {
    asked.push(sent);
    if (sent.serial === 'limit') throw new ManagementError('rate-limited', 429, 'Wait an hour.');
    if (sent.serial === 'S-1') throw new ManagementError('already-claimed', 409, 'It is claimed.');
    return { serial: sent.serial };
  };
  const showDevice = async ({ serial }: { readonly serial: string }) => {
    if (serial !== 'S-1') throw new ManagementError('not-found', 404, 'There is none.');
    return { serial, organization: 'acme' };
  };
  const client = { addClaim: claim, claimWithCode: claim, showDevice } as unknown as ManagementClient;
  return { asked, client };
}

async function claimRows(...rows: readonly string[]) {
  const { asked, client } = fakeService();
  const path = join(directory, 'rows.csv');
  writeFileSync(path, ['serial,organization,name,code', ...rows, ''].join('\n'));
  const progress = { show: () => {}, end: () => {} };
  return {
    asked,
    result: await claimFile({
      client,
      path,
      organization: undefined,
      as: 'member',
      terminal: recordingTerminal(),
      progress,
    }),
  };
}

test('spaces around what stands in a column do not count', async () => {
  const { asked, result } = await claimRows(' S-1 , acme ,,', ' S-2 , acme ,,');
  expect(asked).toEqual([
    { serial: 'S-1', organization: 'acme' },
    { serial: 'S-2', organization: 'acme' },
  ]);
  expect(result).toEqual({ rows: 2, claimed: ['S-2'], unchanged: 1, faults: [] });
});

test('a device of another organization, and a row that does not say all, are faults, and nothing is asked for the latter', async () => {
  const label = 'windlass:claim?serial=S-9&code=7K3M9QXT';
  const { asked, result } = await claimRows(
    'S-1,rival,,',
    ',acme,,',
    'S-2,,,',
    'S-2,acme,Pump,',
    `S-2,acme,,${label}`,
    'S-2,acme,,U',
  );
  expect(asked).toHaveLength(1);
  expect(result.faults.map(({ line, serial, code }) => [line, serial, code])).toEqual([
    [2, 'S-1', 'already-claimed'],
    [3, null, 'failed'],
    [4, 'S-2', 'failed'],
    [5, 'S-2', 'failed'],
    [6, 'S-2', 'failed'],
    [7, 'S-2', 'failed'],
  ]);
  expect(result.faults.map(({ problem }) => problem)).toEqual([
    'It is claimed.',
    expect.stringMatching(/^The serial is missing/),
    expect.stringMatching(/^The organization is missing/),
    expect.stringMatching(/^A name goes with a code/),
    expect.stringMatching(/^The QR code is that of device S-9/),
    expect.stringMatching(/^No claim code is in the column code/),
  ]);
});

test('when the service says that no other row can succeed, none is tried', async () => {
  const { asked, result } = await claimRows('S-2,acme,,', 'limit,acme,,', 'S-3,acme,,');
  expect(asked).toHaveLength(2);
  expect(result).toMatchObject({ rows: 2, claimed: ['S-2'], faults: [{ line: 3, code: 'rate-limited' }] });
});
