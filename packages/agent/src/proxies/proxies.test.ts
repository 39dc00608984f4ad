// Which routes there are for a peer, in which order, and what is learned of them: without sockets, by where it is tried.
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bootstrap } from '../bootstrap.ts';
import { parseNoProxy } from '../command-line/config/no-proxy.ts';
import { parseProxy } from '../command-line/config/proxies.ts';
import { heldProxies } from '../command-line/open-with-routes.ts';
import { parts } from '../parts.ts';
import type { NoAnswerCause } from '../ports.ts';
import { createFakeService, publish } from '../testing/fake-service.ts';
import { startAgent } from '../testing/test-agent.ts';
import { startAttempt } from '../transport/attempt.ts';
import type { Target } from '../transport/route.ts';
import { createRoutes, type HeldProxy, type LearnedRoutes, type ProxyConfig } from './proxies.ts';
import type { ExplicitProxy } from './tunnel.ts';

const nobody = parseNoProxy([]);
const none: ProxyConfig = {
  explicit: null,
  pac: null,
  environment: { http: null, https: null, noProxy: nobody },
  noProxy: nobody,
  credentials: [],
};
const proxyOf = (name: string): ExplicitProxy => parseProxy(`http://${name}.proxy:3128`);
const [a, b, c, d] = [proxyOf('a'), proxyOf('b'), proxyOf('c'), proxyOf('d')];
const held = (...proxies: readonly ExplicitProxy[]): HeldProxy[] =>
  proxies.map((proxy) => ({ proxy, noProxy: nobody }));
const plain: Target = { host: 'app.example', port: 80, scheme: 'http' };
const other: Target = { ...plain, host: 'other.example' };

/** Routes on which only what is in `alive` is reached; what is tried is kept. */
function tryOut(
  config: Partial<ProxyConfig> = {},
  profiles: readonly HeldProxy[] = [],
  before: LearnedRoutes = { open: {}, bad: [] },
) {
  const alive = new Set<string>();
  const learned = structuredClone(before);
  let tried: string[] = [];
  const openStraight: typeof parts.openStraight = async (_attempt, _path, { host }) => {
    const name = host.endsWith('.proxy') ? (host.split('.')[0] ?? '').toLowerCase() : 'straight';
    tried.push(name);
    if (!alive.has(name)) throw new parts.PathError('refused', 'connect');
    return new Socket();
  };
  const speakTls = () => Promise.reject(new parts.PathError('refused', 'connect'));
  const trust = () => {
    throw new Error('TLS');
  };
  const options = { ...none, ...config, path: { connectTo: {} }, held: () => profiles, trust, pac: null, learned };
  const routes = createRoutes({ ...parts, openStraight, speakTls }, options);
  return {
    routes,
    alive,
    learned,
    /** Where a connection to the target was tried, in this order. */
    async tryAll(target: Target = plain): Promise<string> {
      tried = [];
      await routes.open(startAttempt(), target).catch(() => {});
      return tried.join(' ');
    },
  };
}

const order = (config: Partial<ProxyConfig>, profiles: readonly HeldProxy[] = [], target = plain): Promise<string> =>
  tryOut(config, profiles).tryAll(target);

describe('the order', () => {
  const environment = { https: b, http: d, noProxy: parseNoProxy(['db.example']) };

  test('configuration, environment, the profile used last, straight; then other profiles: at most four', async () => {
    expect(await order({})).toBe('straight');
    expect(await order({ explicit: a })).toBe('a straight');
    expect(await order({ environment })).toBe('d straight');
    expect(await order({ environment }, [], { ...plain, scheme: 'https' })).toBe('b straight');
    expect(await order({}, held(c, d))).toBe('c straight d');
    expect(await order({ explicit: a, environment }, held(c, b))).toBe('a d c straight');
  });

  test('the first of them is said without its credentials, whatever was learned; none where straight comes first', async () => {
    const { routes, tryAll } = tryOut({ explicit: { ...a, username: 'plant', password: 'opensesame' } });
    await tryAll();
    expect(await routes.first(plain)).toEqual({ host: a.host, port: a.port });
    expect(await tryOut({}).routes.first(plain)).toBeNull();
    expect(await tryOut({ explicit: a, noProxy: () => true }).routes.first(plain)).toBeNull();
  });

  test('one proxy named twice is one', async () => {
    expect(await order({ explicit: a }, held(proxyOf('A')))).toBe('a straight');
  });

  test('no proxy at all for those on the list', async () => {
    const noProxy = parseNoProxy(['.plant.example']);
    const target = { ...plain, host: 'x.plant.example' };
    expect(await order({ explicit: a, environment, noProxy }, held(c), target)).toBe('straight');
  });

  test('no_proxy of the environment is for its proxies, [L10] noProxy of a profile for that profile’s', async () => {
    const profiles = [
      { proxy: c, noProxy: parseNoProxy(['example']) },
      { proxy: d, noProxy: nobody },
    ];
    expect(await order({ explicit: a, environment }, profiles, { ...plain, host: 'db.example' })).toBe('a straight d');
  });
});

describe('what was learned', () => {
  test('the route that was open comes first, and not when it fell silent', async () => {
    const { routes, alive, tryAll } = tryOut({ explicit: a, environment: { http: b, https: b, noProxy: nobody } });
    alive.add('straight');
    expect(await tryAll()).toBe('a b straight');
    expect(await tryAll()).toBe('straight');
    alive.add('b');
    routes.learn(plain, 'reset');
    expect(await tryAll()).toBe('a b');
    expect(await tryAll()).toBe('b');
  });

  test('a proxy that nobody reaches comes last for every peer, until it is open again', async () => {
    const { alive, tryAll } = tryOut({ explicit: a });
    alive.add('straight');
    expect(await tryAll()).toBe('a straight');
    expect(await tryAll(other)).toBe('straight');
    alive.delete('straight');
    alive.add('a');
    expect(await tryAll(other)).toBe('straight a');
    alive.add('straight');
    expect(await tryAll({ ...plain, host: 'third.example' })).toBe('a');
  });

  test('a straight way is a matter of the peer', async () => {
    const { alive, tryAll } = tryOut({}, held(c, d));
    alive.add('d');
    expect(await tryAll()).toBe('c straight d');
    alive.clear();
    expect(await tryAll(other)).toBe('straight d c');
  });

  test.each(['blocked', 'captive', 'proxy-authentication', 'proxy', 'http', 'tls'] as readonly NoAnswerCause[])(
    '[L3] an answer (%s) is no reason to go another way next time',
    async (cause) => {
      const { routes, alive, tryAll } = tryOut({ explicit: a });
      for (const name of ['a', 'straight']) alive.add(name);
      await tryAll();
      routes.learn(plain, cause);
      expect(await tryAll()).toBe('a');
    },
  );

  test('it is plain data that another process goes on with, and has no credentials', async () => {
    const explicit = parseProxy('http://user:secret@a.proxy:3128');
    const { alive, tryAll, learned } = tryOut({ explicit });
    alive.add('straight');
    expect(await tryAll()).toBe('a straight');
    expect(JSON.stringify(learned)).not.toContain('secret');
    const later = tryOut({ explicit }, [], JSON.parse(JSON.stringify(learned)));
    later.alive.add('straight');
    expect(await later.tryAll()).toBe('straight');
    expect(await later.tryAll(other)).toBe('straight');
  });

  test('in another network nothing of it holds', async () => {
    const { routes, alive, tryAll } = tryOut({ explicit: a });
    alive.add('straight');
    await tryAll();
    routes.forget();
    expect(await tryAll()).toBe('a straight');
  });

  test('nor what was found of a PAC file, which is looked for again', async () => {
    const warned: string[] = [];
    const url = new URL('file:///nowhere/proxy.pac');
    const pac = { url, wpad: null, engine: url, now: () => 0, warn: (sentence: string) => warned.push(sentence) };
    const trust = () => {
      throw new Error('TLS');
    };
    const learned = { open: {}, bad: [] };
    const routes = createRoutes(parts, { ...none, path: { connectTo: {} }, held: () => [], trust, pac, learned });
    for (let i = 0; i < 2; i += 1) expect(await routes.first(plain)).toBeNull();
    expect(warned).toEqual([expect.stringContaining('there is no such file')]);
    routes.forget();
    await routes.first(plain);
    expect(warned).toHaveLength(2);
  });
});

describe('[L10] credentials', () => {
  const secret = parseProxy('http://user:secret@c.proxy:3128');
  /** What the proxy that a profile names would get. */
  const got = async (proxy: string): Promise<string | undefined> => {
    const { routes } = tryOut({ credentials: [secret] }, held(parseProxy(proxy)));
    const attempt = startAttempt();
    await routes.open(attempt, plain).catch(() => {});
    return attempt.proxy?.headers['Proxy-Authorization'];
  };

  test('go to the proxy that they are for, wherever it was named', async () => {
    const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(await got('http://c.proxy:3128')).toBe(basic);
    expect(await got('http://C.proxy:3128')).toBe(basic);
  });

  test.each(['http://d.proxy:3128', 'http://c.proxy:3129', 'https://c.proxy:3128', 'http://c.proxy.evil.proxy:3128'])(
    'and not to %s',
    async (proxy) => {
      expect(await got(proxy)).toBeUndefined();
    },
  );

  test('those that a proxy was configured with stay its own', async () => {
    const { routes } = tryOut({ explicit: parseProxy('http://me:mine@c.proxy:3128'), credentials: [secret] });
    const attempt = startAttempt();
    await routes.open(attempt, plain).catch(() => {});
    const basic = `Basic ${Buffer.from('me:mine').toString('base64')}`;
    expect(attempt.proxy?.headers).toEqual({ 'Proxy-Authorization': basic });
  });
});

test('[L10] held profiles name proxies, of whatever network, the one used last first', async () => {
  const service = createFakeService();
  const agent = startAgent(service);
  expect(heldProxies(agent)).toEqual([]);
  const proxy = { host: 'proxy.plant.example', port: 3128, tls: true };
  publish(service, 'plant-a', service.world.inspectionCa, { explicitProxy: proxy, noProxy: ['local.example'] });
  await bootstrap(agent);
  const [named, ...others] = heldProxies(agent);
  expect([named?.proxy, others]).toEqual([proxy, []]);
  const excepted = ['x.local.example', 'app.example'].map((host) => named?.noProxy({ host, port: 443 }));
  expect(excepted).toEqual([true, false]);
});
