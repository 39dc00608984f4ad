/**
 * What each runtime of a device makes of the bundle where inspection CAs are not simply one root, and whether the receipt says so:
 * an issuing CA registered without its root, and a change between two CAs of one name whose leaves do not say which signed them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RuntimeName, runtimeNames, tryRuntime } from '../runtimes.ts';
import { createAuthority, createTwin } from '../test-pki.ts';
import type { Device } from '../windlass/installation.ts';
import type { Promised } from './box-promises.ts';
import { boxRow } from './box-rows.ts';
import { type BoxWorld, inBoxWorld } from './box-world.ts';
import { type AgentSays, approve, bootstrap, claim } from './world.ts';

export interface TrustRow {
  readonly name: string;
  readonly promises: () => Promise<readonly Promised[]>;
}

export const trustRows: readonly TrustRow[] = [
  { name: 'sslsplit with an issuing CA, its root not registered', promises: issuingWithoutRoot },
  { name: 'mitmproxy changing to a CA of the same name, leaves without AKI', promises: changeToNamesake },
];

/** These take an anchor that is no root. */
const takingAnyAnchor: readonly RuntimeName[] = ['curl', 'java'];
/** These try each CA of a name until a signature fits. MQTT is not inspected by that box. */
const tryingEach: readonly RuntimeName[] = ['java', 'mosquitto'];

function issuingWithoutRoot(): Promise<readonly Promised[]> {
  return inBoxWorld(boxRow('sslsplit transparent'), async (world) => {
    const root = await createAuthority({ subject: 'CN=Corp Root,O=Corp' });
    const issuing = await createAuthority({ subject: 'CN=Corp Issuing,O=Corp', issuer: root });
    const caFile = await world.replaceCa(issuing);
    const device = await claimedDevice(world);
    await approve(world.installation, caFile);
    const alone = await bootstrap(device);
    const byIssuing = await runtimesOf(world, device, takingAnyAnchor);
    const rootFile = join(world.world.directory, 'corp-root.pem');
    await writeFile(rootFile, root.certificatePem);
    await approve(world.installation, rootFile);
    const both = await bootstrap(device);
    return [
      bundleIs('the issuing CA alone: online, and the bundle is not called effective', alone, 'present', /root above/),
      ...byIssuing,
      bundleIs('with its root: the bundle is effective', both, 'effective', null),
      ...(await runtimesOf(world, device, runtimeNames, 'with its root')),
    ];
  });
}

function changeToNamesake(): Promise<readonly Promised[]> {
  return inBoxWorld(boxRow('mitmproxy transparent'), async (world) => {
    const device = await claimedDevice(world);
    await approve(world.installation, world.caFile);
    const before = await bootstrap(device);
    const twin = await createTwin(world.world.inspectionCa);
    const twinFile = join(world.world.directory, 'successor.pem');
    await writeFile(twinFile, twin.certificatePem);
    await approve(world.installation, twinFile);
    const overlap = await bootstrap(device);
    const byFirst = await runtimesOf(world, device, runtimeNames, 'the first signs');
    await world.replaceCa(twin);
    const between = await runtimesOf(world, device, tryingEach, 'the second signs, before an exchange');
    const after = await bootstrap(device);
    return [
      bundleIs('the first alone: the bundle is effective', before, 'effective', null),
      bundleIs('both: effective, and the receipt says whom the change will stop', overlap, 'effective', /one name/),
      ...byFirst,
      ...between,
      {
        promise: 'after the change one exchange, validated by the second, puts it first',
        kept: after.exit === 0 && after.rung === 1 && isReversed(overlap, after),
        detail: JSON.stringify([overlap.stores, after.stores]),
      },
      bundleIs('then the bundle is effective', after, 'effective', /one name/),
      ...(await runtimesOf(world, device, runtimeNames, 'after the exchange')),
    ];
  });
}

async function claimedDevice({ makeDevice, installation }: BoxWorld): Promise<Device> {
  const device = await makeDevice('TRUST-1');
  await claim(installation, device.serial);
  return device;
}

type Said = AgentSays & { readonly exit: number | undefined };

function bundleIs(promise: string, said: Said, state: string, words: RegExp | null): Promised {
  const bundle = bundleOf(said);
  const fits = words === null ? bundle?.detail === undefined : words.test(bundle?.detail ?? '');
  const kept = said.exit === 0 && said.outcome === 'active' && bundle?.state === state && fits;
  return { promise, kept, detail: JSON.stringify(said) };
}

function bundleOf({ stores }: Said): AgentSays['stores'][number] | undefined {
  return stores.find(({ name }) => name === 'bundle');
}

function isReversed(before: Said, after: Said): boolean {
  const [one, other] = [before, after].map((said) => bundleOf(said)?.anchors ?? []);
  return one?.length === 2 && one.toReversed().join() === other?.join();
}

/** Each installed runtime accepts exactly where it is among `accepting`. */
async function runtimesOf(
  { world }: BoxWorld,
  { bundleFile }: Device,
  accepting: readonly RuntimeName[],
  when = '',
): Promise<readonly Promised[]> {
  const results: Promised[] = [];
  for (const name of runtimeNames) {
    const result = await tryRuntime(name, (argv, options) => world.network.run('device', argv, options), bundleFile);
    const accepts = accepting.includes(name);
    const promise = `${name} ${accepts ? 'accepts' : 'refuses'}${when ? `, ${when}` : ''}`;
    if (result) results.push({ promise, kept: result.ok === accepts, detail: result.detail });
  }
  return results;
}
