/** A device with the code of its label behind a real box (root, Debian): a claim that nobody with the label had made is nothing to it. */
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { askWithCurl } from '../stock-clients.ts';
import { windlass } from '../windlass/commands.ts';
import { boxRow } from './box-rows.ts';
import { inBoxWorld } from './box-world.ts';
import { approve, bootstrap, claim, list, organization } from './world.ts';

const serial = 'LABEL-1';

/** The code of a label, as text of its QR code, and the hash of it that a manifest has. */
async function makeCode(directory: string) {
  const file = join(directory, 'codes.csv');
  await windlass(['factory', 'code', serial, '--characters', '26', '--out', file]);
  const [, row = ''] = (await readFile(file, 'utf8')).split('\n');
  const [, , label = '', hash = ''] = row.split(',');
  const labelFile = join(directory, 'label.txt');
  await writeFile(labelFile, label, { mode: 0o600 });
  return { labelFile, hash };
}

describe.runIf(await labIsReady('a label proof behind a real box', labPackages))(
  'behind a real box, a device with the code of its label',
  { timeout: 120_000 },
  () => {
    it('refuses a claim without its proof, made by the right service for the right owner; with the proof it comes online [D21]', async () => {
      await inBoxWorld(boxRow('squid transparent'), async ({ world, installation, caFile, makeDevice }) => {
        const { labelFile, hash } = await makeCode(world.directory);
        const device = await makeDevice(serial, ['--label-code', labelFile]);
        await approve(installation, caFile);
        // Its manifest has not come yet: nothing tells the service that this claim is not enough.
        await claim(installation, serial);
        expect(await bootstrap(device)).toMatchObject({
          exit: 30,
          outcome: 'not-valid',
          code: 'label-proof',
          reported: true,
          inspectionCas: [],
        });

        const certificate = new X509Certificate(await readFile(join(device.directory, 'device.pem'), 'utf8'));
        const manifest = join(world.directory, 'devices.csv');
        const row = [serial, certificate.raw.toString('base64'), hash].join(',');
        await writeFile(manifest, `serial,certificate,claim_code_hash\n${row}\n`);
        await installation.windlass('manifest', 'import', manifest, '--manufacturer', 'gizmo', '--label-proof');
        expect(await list(installation, 'claim', 'unproved', ...organization)).toMatchObject([
          { serial, why: 'missing' },
        ]);
        await installation.windlass('claim', 'prove', '--code-file', labelFile, ...organization);
        expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active' });
        const run = (argv: readonly string[], options?: object) => world.network.run('device', argv, options);
        const target = { name: 'app.example', port: 443, caFile: device.bundleFile };
        expect(await askWithCurl(run, target)).toMatchObject({ ok: true });
      });
    });
  },
);
