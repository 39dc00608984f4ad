/** Every switch of the faulty proxy, and how a first bootstrap of a claimed device ends behind it: rows of the lab's table. */
import { type Behaviour, behaviours } from '../hostile/behaviours.ts';
import type { FaultyProxyControl, Only } from '../hostile/faulty-proxy.ts';
import type { ProxyProcess } from '../proxies/inspecting-proxy-process.ts';
import type { Device } from '../windlass/installation.ts';
import { type AgentSays, approve, bootstrap, claim, type ServedWorld, startServedWorld } from './world.ts';

/** What one exchange says and ends with. */
export type Said = AgentSays & { readonly exit: number | undefined };

export interface FaultRow {
  /** Tells rows of one behaviour apart. */
  readonly when?: string;
  /** What is on beside the behaviour. */
  readonly and?: readonly Behaviour[];
  readonly only?: Only;
  /** The device is told of the proxy, with these credentials; default: its traffic is led there. */
  readonly explicit?: 'anonymous' | 'device:secret' | 'device:wrong';
  /** What came through the proxy before. */
  readonly after?: 'an exchange' | 'an exchange of another device';
  /** Ends by deadlines only, after half a minute and more. */
  readonly waits?: true;
  /** Outcome and verdict. */
  readonly says: Partial<Said>;
}

/** The device must come online all the same. */
const online = { says: { exit: 0, outcome: 'active' } } as const satisfies FaultRow;
const noAnswer = (cause: string, more: Partial<Said> = {}) =>
  ({ says: { exit: 20, outcome: 'no-answer', cause, ...more } }) as const satisfies FaultRow;
const unauthenticated = (...schemes: readonly string[]) =>
  noAnswer('proxy-authentication', { explicitProxy: { schemes } });
const notValidated = (endpoint: string) =>
  ({ says: { exit: 40, outcome: 'reverted', code: 'service-not-validated', endpoint } }) as const satisfies FaultRow;
const notApproved = (interceptedBy: string) =>
  ({ says: { exit: 11, outcome: 'awaiting-approval', interceptedBy } }) as const satisfies FaultRow;
const bootstrapOnly: Only = { path: '/.well-known/windlass/v1/bootstrap' };

/** One row or more for each behaviour. */
export const faultRows: Readonly<Record<Behaviour, readonly FaultRow[]>> = {
  'hang-after-accept': [
    { ...noAnswer('timeout'), waits: true },
    { when: 'as explicit proxy', explicit: 'anonymous', ...noAnswer('timeout'), waits: true },
  ],
  'reset-after-accept': [noAnswer('reset')],
  'leaf-only-chain': [online],
  'chain-with-root-and-duplicates': [online],
  'expired-leaf': [notValidated('service: expired')],
  'not-yet-valid-leaf': [notValidated('service: not-yet-valid')],
  'wrong-name-leaf': [notValidated('service: name-mismatch')],
  'leaf-without-key-identifiers': [online],
  'self-signed-leaf': [notApproved('CN=bootstrap.windlass.example')],
  'ecdsa-leaf': [online],
  'twin-ca': [notApproved('CN=Plant A Inspection CA, O=Plant A')],
  'distrusted-issuer': [
    {
      says: {
        ...notApproved('CN=Not trusted by the inspecting proxy, O=Windlass Lab').says,
        trouble: 'box-distrusts-service',
      },
    },
  ],
  'tls12-only': [online],
  'alpn-fatal': [online],
  'strips-client-certificate': [online],
  'hang-after-handshake': [{ ...noAnswer('timeout', { stage: 'first-byte' }), waits: true }],
  'reset-after-handshake': [noAnswer('reset', { stage: 'first-byte' })],
  'refuse-chunked-requests': [online],
  'hang-after-request': [{ ...noAnswer('timeout', { stage: 'first-byte' }), waits: true }],
  'block-page-200': [noAnswer('blocked')],
  'block-page-403': [noAnswer('blocked')],
  'block-page-503': [noAnswer('blocked')],
  'portal-511': [noAnswer('captive')],
  'redirect-to-portal': [noAnswer('captive')],
  'replay-old-answer': [
    {
      after: 'an exchange',
      only: bootstrapOnly,
      says: { exit: 30, outcome: 'not-valid', code: 'nonce-mismatch' },
    },
  ],
  'swap-answers': [
    {
      after: 'an exchange of another device',
      only: bootstrapOnly,
      says: { exit: 30, outcome: 'not-valid', code: 'nonce-mismatch' },
    },
  ],
  'status-500': [online],
  'empty-body': [noAnswer('empty')],
  'injected-html': [noAnswer('http')],
  'gzip-body': [online],
  'unknown-coding': [noAnswer('encoding')],
  'lower-cased-headers': [online],
  'removed-headers': [online],
  'truncated-body': [noAnswer('truncated')],
  'chunked-answer': [online],
  'http10-answer': [online],
  'headerless-answer': [noAnswer('http')],
  'slow-drip': [{ ...noAnswer('timeout', { stage: 'body' }), waits: true }],
  'proxy-authentication': [
    { when: 'without credentials', explicit: 'anonymous', ...unauthenticated('Basic') },
    { when: 'with a wrong password', explicit: 'device:wrong', ...unauthenticated('Basic') },
    { when: 'with the right password', explicit: 'device:secret', ...online },
  ],
  'proxy-negotiate': [{ explicit: 'device:secret', ...unauthenticated('Negotiate', 'NTLM') }],
  'bad-password-401': [{ and: ['proxy-authentication'], explicit: 'device:wrong', ...unauthenticated() }],
  'connect-443-only': [{ explicit: 'anonymous', ...online }],
};

/** A row with its behaviour and a name. */
export interface NamedRow extends FaultRow {
  readonly behaviour: Behaviour;
  readonly name: string;
}

/** All rows, in the order of the table of switches. */
export function namedRows(): readonly NamedRow[] {
  return (Object.keys(behaviours) as Behaviour[]).flatMap((behaviour) =>
    faultRows[behaviour].map((row) => ({ ...row, behaviour, name: row.when ? `${behaviour} ${row.when}` : behaviour })),
  );
}

/** Outcome and verdict in words: `no-answer: blocked`. */
export function verdictOf({ outcome, cause, code, endpoint, trouble, explicitProxy }: Partial<Said>): string {
  const schemes = explicitProxy?.schemes ?? [];
  const wanted = schemes.length > 0 ? `wants ${schemes.join(' or ')}` : undefined;
  return [outcome, cause ?? code ?? trouble, endpoint ?? wanted].filter(Boolean).join(': ');
}

/** What the device said behind the fault, and what it said to the same proxy without it. */
export interface Tried {
  readonly device: Device;
  readonly said: Said;
  readonly afterwards: Said;
  /** Header fields of what it sent to the proxy while the fault was on. */
  readonly fields: readonly (readonly [string, string])[];
}

/** One row with a new device of `world`, whose approved CA signs behind `proxy`. The proxy is honest afterwards. */
export async function tryFault(
  world: ServedWorld,
  proxy: ProxyProcess & FaultyProxyControl,
  row: NamedRow,
  serial: string,
): Promise<Tried> {
  const device = await deviceBehind(world, proxy, row, serial);
  if (row.after) await exchangeBefore(world, proxy, row.after, device);
  await proxy.forget();
  await proxy.behave([row.behaviour, ...(row.and ?? [])], row.only);
  try {
    const said = await bootstrap(device, { deadlineMs: 120_000 });
    const fields = (await proxy.exchanges()).flatMap(({ headers }) => headers);
    await proxy.behave([]);
    return { device, said, fields, afterwards: await bootstrap(device) };
  } finally {
    await proxy.behave([]);
  }
}

async function deviceBehind(
  world: ServedWorld,
  proxy: ProxyProcess,
  { explicit }: FaultRow,
  serial: string,
): Promise<Device> {
  const { host, port } = proxy.addresses.explicit;
  const login = explicit === undefined || explicit === 'anonymous' ? '' : `${explicit}@`;
  const device = explicit
    ? await world.installation.makeDevice({
        serial,
        systemRoots: world.webRootFile,
        options: ['--explicit-proxy', `http://${login}${host}:${port}`],
      })
    : await world.makeDevice(serial, [], proxy);
  await claim(world.installation, serial);
  return device;
}

/** Of the device itself without a report, so that it starts anew; or of another one to the end. */
async function exchangeBefore(
  world: ServedWorld,
  proxy: ProxyProcess & FaultyProxyControl,
  after: NonNullable<FaultRow['after']>,
  device: Device,
): Promise<void> {
  if (after === 'an exchange') {
    await proxy.behave(['block-page-200'], { path: '/.well-known/windlass/v1/report' });
    await bootstrap(device);
    return;
  }
  const serial = `${device.serial}-BEFORE`;
  const other = await world.makeDevice(serial, [], proxy);
  await claim(world.installation, serial);
  await bootstrap(other);
}

export interface FaultResult {
  readonly name: string;
  readonly exit: number | undefined;
  /** What the device said. */
  readonly verdict: string;
  readonly expected: string;
  /** It is what the row says, nothing is trusted by it, and without the fault the device is online. */
  readonly kept: boolean;
  readonly detail: string;
}

/** Whether all members of `expected` are there, with those values. */
function fits(found: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return found === expected;
  if (Array.isArray(expected)) return JSON.stringify(found) === JSON.stringify(expected);
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(expected).every(([name, value]) => fits((found as Record<string, unknown>)[name], value));
}

/** All rows in a world of their own; those that wait for deadlines wait together, each behind a proxy of its own. */
export async function tryAllFaults(): Promise<readonly FaultResult[]> {
  const world = await startServedWorld('faults');
  try {
    await approve(world.installation, world.proxy.inspectionCaFile);
    const resultOf = async (row: NamedRow, index: number, proxy: ServedWorld['proxy']): Promise<FaultResult> => {
      const { said, afterwards } = await tryFault(world, proxy, row, `FAULT-${index}`);
      const asSaid = fits(said, row.says);
      return {
        name: row.name,
        exit: said.exit,
        verdict: verdictOf(said),
        expected: verdictOf(row.says),
        kept: asSaid && (said.exit === 0 || said.inspectionCas.length === 0) && afterwards.exit === 0,
        detail: JSON.stringify({ said, afterwards }),
      };
    };
    const rows = [...namedRows().entries()];
    const waiting = rows.map(async ([index, row]) =>
      row.waits ? resultOf(row, index, await world.anotherProxy()) : null,
    );
    const results: FaultResult[] = [];
    for (const [index, row] of rows) results.push((await waiting[index]) ?? (await resultOf(row, index, world.proxy)));
    return results;
  } finally {
    await world.close();
  }
}
