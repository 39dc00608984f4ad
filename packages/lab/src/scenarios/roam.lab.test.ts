/** A running agent that is carried from plant to plant, between network namespaces with two real boxes (root, Debian). */
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import { logContains, type RunningProcess } from '../process.ts';
import type { InspectingBox } from '../proxies/box.ts';
import { startBox } from '../proxies/start-box.ts';
import { askWithCurl } from '../stock-clients.ts';
import { type Authority, createAuthority, issueServerCertificate, writeSecret } from '../test-pki.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import { installService } from './box-world.ts';
import { approve, claim, organization, untilAgentSays } from './world.ts';

const { service, application } = cloudNames;
/** The agent looks once a minute; a machine with much to do is slower. */
const NOTICED_WITHIN_MS = 61_000;
const TOLD_WITHIN_MS = 120_000;

describe.runIf(await labIsReady('roaming between real boxes', labPackages))(
  'a running agent',
  { timeout: 720_000 },
  () => {
    it('plant A, plant B, plant A without a service, the open internet: what signs here is trusted and nothing else', async () => {
      const world = await createOutsideWorld();
      try {
        await roamIn(world);
      } finally {
        await world.close();
      }
    });
  },
);

async function roamIn(world: OutsideWorld): Promise<void> {
  const { network, directory, webRoot, webRootFile } = world;
  const start = (name: 'squid' | 'mitmproxy', inspectionCa: Authority): Promise<InspectingBox> =>
    startBox(name, {
      network,
      directory,
      mode: 'transparent',
      pki: { inspectionCa, upstreamRoots: [webRoot.certificatePem] },
    });
  const ofPlantB = await createAuthority({ subject: 'CN=Plant B Inspection CA,O=Example Corp' });
  const installation = await installService(world);
  let served = await installation.serve();
  const inPlantB = await start('mitmproxy', ofPlantB);
  await approveInPlantB(installation, inPlantB.inspectionCa.certificateFile);
  await inPlantB.close();
  let box = await start('squid', world.inspectionCa);
  await approve(installation, box.inspectionCa.certificateFile);
  await claim(installation, 'ROAM-1');
  const prefix = network.inNamespace('device', []);
  const device = await installation.makeDevice({ serial: 'ROAM-1', systemRoots: webRootFile, prefix });
  const agent = await device.start();
  const isTrusted = async (): Promise<boolean> => {
    const target = { name: application, port: 443, caFile: device.bundleFile };
    return (await askWithCurl((argv, options) => network.run('device', argv, options), target)).ok;
  };
  try {
    await told(agent, 'active', nameOf(world.inspectionCa), 0);
    expect(await isTrusted()).toBe(true);

    await box.close();
    box = await start('mitmproxy', ofPlantB);
    expect(await isTrusted()).toBe(false);
    const toPlantB = await noticed(agent, () => plugIn(world));
    await told(agent, 'active', nameOf(ofPlantB), toPlantB);
    expect(await isTrusted()).toBe(true);

    await box.close();
    box = await start('squid', world.inspectionCa);
    expect(await isTrusted()).toBe(false); // plant A's CA is gone in plant B
    await served.stop();
    const stranger = await startStranger(world);
    const back = await noticed(agent, () => plugIn(world));
    await told(agent, 'no-answer', nameOf(world.inspectionCa), back);
    expect(await isTrusted()).toBe(true);
    expect(await ownAnchors(device)).toEqual(['plant-a']);

    await stranger.stop();
    served = await installation.serve();
    await box.close();
    const outside = await noticed(agent, () => otherRoute(world));
    await told(agent, 'not-inspected', null, outside);
    expect(await ownAnchors(device)).toEqual([]);
    expect(await isTrusted()).toBe(true);
  } finally {
    await agent.stop();
    await served.stop();
    await box.close();
  }
}

async function approveInPlantB({ windlass }: Installation, caFile: string): Promise<void> {
  const inPlantB = [...organization, '--network', 'plant-b'];
  await windlass('network', 'add', 'plant-b', ...organization);
  await windlass('inspection-ca', 'add', caFile, '--permit', 'example', ...inPlantB);
  await windlass('inspection-ca', 'approve', '--certificate', caFile, ...inPlantB);
  await windlass('profile', 'publish', ...inPlantB);
}

/** As it says its subject. */
function nameOf({ certificatePem }: Authority): string {
  return certificatePem && new X509Certificate(certificatePem).subject.replaceAll('\n', ', ');
}

/** The cable is pulled and put in elsewhere. */
async function plugIn({ network }: OutsideWorld): Promise<void> {
  const link = (state: 'down' | 'up') => network.run('device', ['ip', 'link', 'set', 'eth0', state]);
  await link('down');
  await link('up');
  await network.run('device', ['ip', 'route', 'add', 'default', 'via', network.addresses.middleboxLan]);
}

/** The same link, and another way out. */
async function otherRoute({ network }: OutsideWorld): Promise<void> {
  const other = network.addresses.middleboxLan.replace(/\d+$/, '77');
  await network.run('middlebox', ['ip', 'addr', 'add', `${other}/24`, 'dev', 'lan']);
  await network.run('device', ['ip', 'route', 'replace', 'default', 'via', other]);
}

/** Does it, and waits until the agent says that it noticed; where its log was then. */
async function noticed(agent: RunningProcess, change: () => Promise<void>): Promise<number> {
  const from = (await agent.log()).length;
  await change();
  const deadline = Date.now() + NOTICED_WITHIN_MS;
  while (!(await agent.log()).slice(from).includes('the network changed')) {
    if (Date.now() > deadline)
      throw new Error(`the agent noticed nothing; its log:\n${(await agent.log()).slice(from)}`);
    await sleep(100);
  }
  return from;
}

/** Waits until it says this outcome with the inspection CA of this subject trusted, or none. */
async function told(agent: RunningProcess, outcome: string, subject: string | null, from: number): Promise<void> {
  const deadline = Date.now() + TOLD_WITHIN_MS;
  let at = from;
  for (;;) {
    const { said, length } = await untilAgentSays(agent, outcome, at, Math.max(0, deadline - Date.now()));
    const trusted = said.inspectionCas.map((ca) => ca.subject);
    if (`${trusted}` === (subject ?? '')) return;
    at = length; // a link that came up a moment ago may lead nowhere yet
  }
}

/** The networks of our anchors in the bundle. */
async function ownAnchors({ bundleFile }: Device): Promise<readonly string[]> {
  return [...(await readFile(bundleFile, 'utf8')).matchAll(/^# windlass: acme\/([^,]+)/gm)].map(
    ([, name = '']) => name,
  );
}

/** Somebody else has the service's address and certificate and answers nothing of ours: TLS is as ever. */
async function startStranger({ network, directory, webRoot }: OutsideWorld): Promise<RunningProcess> {
  const { chainPem, keyPem } = await issueServerCertificate(webRoot, { names: [service] });
  const [certificate, key] = [join(directory, 'stranger.pem'), join(directory, 'stranger.key')];
  await writeFile(certificate, chainPem);
  await writeSecret(key, keyPem);
  return network.start('cloud', {
    name: 'a stranger',
    argv: [process.execPath, '-e', STRANGER, certificate, key, network.addresses.service],
    logFile: join(directory, 'stranger.log'),
    ready: logContains('ready'),
  });
}

const STRANGER = `
const [certificate, key, address] = process.argv.slice(1);
const { readFileSync } = require('node:fs');
const server = require('node:https').createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.on('request', (request, response) => request.resume().on('end', () => response.end('<html>Come later.</html>')));
server.listen(443, address, () => console.log('ready'));
`;
