/** What the demo tells, step by step. It prints what the programs themselves said; it adds only the headings and where to look. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pc from 'picocolors';
import { cloudNames } from '../address-plan.ts';
import { nodeScript } from '../process.ts';
import type { CommandResult } from '../run-command.ts';
import { wordsOf } from '../windlass/commands.ts';
import type { Device } from '../windlass/installation.ts';
import type { Stage } from './stage.ts';

const organization = ['--organization', 'acme'];
const network = [...organization, '--network', 'plant-a'];
const serial = 'GZ-0001';

let step = 0;
const heading = (text: string): void => console.log(`\n${pc.bold(`${++step}  ${text}`)}`);
const remark = (text: string): void => console.log(`   ${pc.dim(text)}`);
const said = (text: string): void => console.log(text.trim().replace(/^/gm, '   │ '));

/** The whole story has been told; the device is active. @throws when a step does not end as it must. */
export async function tellStory(stage: Stage): Promise<Device> {
  const device = await makeDevice(stage);
  const before = await listFiles(device.directory);
  await tlsFails(stage);
  await approve(stage);
  await bootstrap(device);
  await tlsWorks(stage, device);
  await showDirectory(before, device);
  await showAudit(stage);
  return device;
}

async function makeDevice(stage: Stage): Promise<Device> {
  heading('A factory makes a device. It knows the service’s anchor and its own key, and no network.');
  const device = await stage.makeDevice(serial);
  remark(`device ${serial} in ${device.directory}`);
  return device;
}

async function tlsFails(stage: Stage): Promise<void> {
  heading(`It is plugged in behind ${stage.box}. Any program on it tries HTTPS, with validation on:`);
  const result = await askApplication(stage, stage.webRootFile);
  said(wordsOf(result));
  if (result.code === 0) throw new Error('TLS succeeded without the inspection CA: nothing inspects here');
  remark('It needs the CA to connect, and a connection to get the CA.');
}

async function approve(stage: Stage): Promise<void> {
  heading('The organization that owns the network holds the pen: its approver lets this CA in, for these names.');
  const act = async (...args: readonly string[]): Promise<void> => {
    remark(`$ windlass ${args.join(' ')}`);
    const result = await stage.installation.say(...args);
    if (result.code !== 0) throw new Error(`that must not fail: ${wordsOf(result)}`);
  };
  await act('manufacturer', 'add', 'gizmo', '--certificate', stage.installation.manufacturerFile);
  await act('organization', 'add', 'acme');
  await act('network', 'add', 'plant-a', ...organization);
  await act(
    'endpoint',
    'add',
    'app',
    '--host',
    cloudNames.application,
    '--port',
    '443',
    '--protocol',
    'https',
    ...network,
  );
  await act(
    'inspection-ca',
    'add',
    stage.inspectionCaFile,
    '--permit',
    cloudNames.service,
    '--permit',
    cloudNames.application,
    ...network,
  );
  remark('With the certificate as the approver got it from the proxy, not as this service shows it:');
  await act('inspection-ca', 'approve', '--certificate', stage.inspectionCaFile, ...network);
  await act('profile', 'publish', ...network);
  await act('claim', 'add', '--serial', serial, ...network);
}

async function bootstrap(device: Device): Promise<void> {
  heading('The device bootstraps over the unsecured connection, and validates at application level:');
  remark('$ windlass-agent bootstrap --config agent.json');
  const result = await device.agent('bootstrap');
  said(wordsOf(result));
  if (result.code !== 0) throw new Error(`the agent ended with ${result.code}`);
}

async function tlsWorks(stage: Stage, device: Device): Promise<void> {
  heading(
    'The same program again, validation on, with the bundle that the agent wrote; then with the public root alone:',
  );
  const result = await askApplication(stage, device.bundleFile);
  said(wordsOf(result));
  if (result.code !== 0) throw new Error('the application does not answer with the bundle');
  const without = await askApplication(stage, stage.webRootFile);
  said(wordsOf(without));
  if (without.code === 0) throw new Error('the public root alone must still fail');
}

async function showDirectory(before: string, device: Device): Promise<void> {
  heading('The device’s directory, before and after:');
  said(before);
  remark('after');
  said(await listFiles(device.directory));
}

async function showAudit(stage: Stage): Promise<void> {
  heading('What the service knows of it, and what the audit says:');
  for (const args of [
    ['device', 'show', serial],
    ['audit', 'list'],
  ]) {
    remark(`$ windlass ${args.join(' ')}`);
    const result = await stage.installation.say(...args);
    said(wordsOf(result));
    if (result.code !== 0) throw new Error(`windlass ${args.join(' ')} ended with ${result.code}`);
  }
}

function askApplication(stage: Stage, caFile: string): Promise<CommandResult> {
  const where = stage.connectTo ? [stage.connectTo.host, String(stage.connectTo.port)] : [];
  return stage.run([
    ...nodeScript(import.meta.url, './native-client'),
    `https://${cloudNames.application}/`,
    caFile,
    ...where,
  ]);
}

async function listFiles(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true });
  const lines = await Promise.all(
    entries.sort().map(async (entry) => {
      const { size, mode } = await stat(join(directory, entry));
      return `${(mode & 0o777).toString(8)}  ${String(size).padStart(7)}  ${entry}`;
    }),
  );
  return lines.join('\n');
}
