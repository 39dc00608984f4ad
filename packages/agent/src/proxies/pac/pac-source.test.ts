// PAC files in their sandbox, with the engine as it ships: what they may do, what they may not, and what becomes of each.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundlePac } from '../../../../../tools/bundle-pac.ts';
import { parts } from '../../parts.ts';
import type { Target } from '../../transport/route.ts';
import { type Holder, makeAuthority, makeLeaf } from '../../transport/testing/pki.ts';
import {
  answer,
  type Conduct,
  type Peer,
  SILENT,
  startPlainPeer,
  startTlsPeer,
} from '../../transport/testing/servers.ts';
import { inspectionCa, trusting } from '../../transport/testing/trust.ts';
import { createPacSource, type PacOptions, type PacSource } from './pac-source.ts';
import { wpadUrls } from './wpad.ts';

const scratch = mkdtempSync(join(tmpdir(), 'windlass-pac-'));
const engine = pathToFileURL(join(scratch, 'windlass-agent-pac.mjs'));
const app: Target = { host: 'app.example', port: 443, scheme: 'https' };
const peers: Peer[] = [];
const said: string[] = [];

beforeAll(() => bundlePac(join(scratch, 'windlass-agent-pac.mjs')).then(() => undefined));
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  said.length = 0;
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

const lookup = async (name: string): Promise<readonly string[]> => (name === 'app.example' ? ['10.9.8.7'] : []);

function source(url: URL | null, more: Partial<PacOptions> = {}): PacSource {
  return createPacSource(parts, {
    ...{ url, wpad: null, engine, path: { connectTo: {}, lookup }, now: () => 1_800_000_000 },
    trust: () => trusting([]),
    warn: (sentence) => said.push(sentence),
    ...more,
  });
}

let files = 0;
function file(script: string): URL {
  files += 1;
  const path = join(scratch, `${files}.pac`);
  writeFileSync(path, script);
  return pathToFileURL(path);
}

const named = async (pac: PacSource, target = app): Promise<string> =>
  (await pac.routesTo(target))
    .map((route) => (route ? `${route.tls ? 'https' : 'http'}:${route.host}:${route.port}` : 'straight'))
    .join(' ');
const asked = (script: string, target?: Target): Promise<string> => named(source(file(script)), target);
const find = (body: string): string => `function FindProxyForURL(url, host) { ${body} }`;
/** Why a file with this function is not used. */
async function fault(script: string): Promise<string> {
  expect(await asked(script)).toBe('');
  expect(said).toHaveLength(1);
  return said.splice(0)[0]?.replace(/^.* is not used: /, '') ?? '';
}

describe('a PAC file', () => {
  test('names the routes to a peer, of which it gets scheme, name and a port that is not the usual one', async () => {
    const script = find('return "PROXY " + host + ":" + url.length + "; HTTPS b.example; DIRECT"');
    expect(await asked(script)).toBe('http:app.example:20 https:b.example:443 straight');
    const mqtt = find('return url === "https://app.example:8883/" ? "PROXY yes:1" : "PROXY no:1"');
    expect(await asked(mqtt, { ...app, port: 8883 })).toBe('http:yes:1');
    const plain = find('return url === "http://app.example/" ? "PROXY yes:1" : "PROXY no:1"');
    expect(await asked(plain, { ...app, port: 80, scheme: 'http' })).toBe('http:yes:1');
    expect(said).toEqual([]);
  });

  test('may look up names, the time and the like; FindProxyForURLEx comes first', async () => {
    const network = 'isInNet(host, "10.9.0.0", "255.255.0.0") && dnsResolve("nowhere.example") === null';
    expect(await asked(find(`return ${network} ? "PROXY in:1" : "DIRECT"`))).toBe('http:in:1');
    expect(await asked(find('return dateRange(2027, "GMT") ? "PROXY y2027:1" : "DIRECT"'))).toBe('http:y2027:1');
    const both = `${find('return "DIRECT"')} function FindProxyForURLEx() { return "PROXY ex:1" }`;
    expect(await asked(both)).toBe('http:ex:1');
  });

  test('that names what is not spoken is used without it, and that is said', async () => {
    expect(await asked(find('return "SOCKS5 s:1080; PROXY a:1"'))).toBe('http:a:1');
    expect(said).toEqual([expect.stringContaining('names what this agent does not ask: SOCKS5')]);
  });

  test('of the plain kind that is in use everywhere is understood', async () => {
    const script = `
      // proxy configuration
      var proxy = "PROXY proxy.plant.example:3128";
      function FindProxyForURL(url, host) {
        host = host.toLowerCase();
        if (isPlainHostName(host) || dnsDomainIs(host, ".plant.example") || host == "127.0.0.1") return "DIRECT";
        if (shExpMatch(url, "ftp:*")) return "PROXY ftp:21";
        if (/^10\\./.test(host)) return "DIRECT";
        if (url.substring(0, 6) == "https:") return proxy + "; DIRECT";
        return proxy;
      }`;
    expect(await asked(script)).toBe('http:proxy.plant.example:3128 straight');
    expect(await asked(script, { ...app, host: 'db.plant.example' })).toBe('straight');
  });
});

describe('the sandbox', () => {
  test.each([
    ['an endless loop', find('while (true);')],
    ['one while it is loaded', 'while (true);'],
    ['one in eval', find('eval("while (true);")')],
    ['a regular expression that backtracks for years', find('return String(/^(a+)+$/.test("a".repeat(60) + "!"))')],
  ])('%s is ended', async (_, script) => {
    expect(await fault(script)).toBe('it takes too long');
  });

  test.each([
    ['large pieces', 'new ArrayBuffer(1 << 20)'],
    ['long texts', '"x".repeat(1 << 20) + all.length'],
    ['pieces that are large for the engine alone', 'new Float64Array(1e5)'],
  ])('memory without end is ended: %s', async (_, piece) => {
    expect(await fault(find(`var all = []; for (;;) all.push(${piece})`))).toMatch(/it takes too (much memory|long)/);
  });

  test('[L10] whatever a file does, the engine has no more than its share of memory', async () => {
    const limit =
      'var all = [], n = 0; try { for (;;) { all.push(new ArrayBuffer(1 << 20)); n++ } } catch (e) {} all = null;';
    const got = await asked(find(`${limit} return "PROXY n" + (n < 24 ? "few" : "many") + ":1"`));
    expect(got).toBe('http:nfew:1');
  });

  test('recursion without end is ended', async () => {
    expect(await fault(find('return FindProxyForURL(url, host)'))).toBe('it is no script, or fails');
  });

  test('nothing of Node is in it, by whatever constructor', async () => {
    for (const way of [
      'this.constructor.constructor("return process")().pid',
      'Object.constructor("return globalThis.process.mainModule")().id',
      'dnsResolve.constructor("return process")().pid',
      'Function("return require")()("fs")',
      'import("node:fs")',
    ])
      expect(await fault(find(`return "PROXY " + ${way} + ":1"`))).toMatch(
        /it is no script, or fails|it gives no text|something that cannot be read/,
      );
    const globals =
      'typeof process + typeof require + typeof fetch + typeof setTimeout + typeof Worker + typeof WebAssembly';
    expect(await asked(find(`return ${globals} === "undefined".repeat(6) ? "PROXY none:1" : "DIRECT"`))).toBe(
      'http:none:1',
    );
  });

  test('a function of ours that is replaced or misused does not matter', async () => {
    const misused = 'dnsResolve = null; isInNet({}, [], 7); shExpMatch(); dateRange(NaN); timeRange({}, {});';
    expect(await asked(find(`${misused} return "PROXY fine:1"`))).toBe('http:fine:1');
  });

  test('names without end are not looked up', async () => {
    let lookups = 0;
    const counting = async (): Promise<readonly string[]> => {
      lookups += 1;
      return [];
    };
    const script = find('for (var i = 0; i < 100; i++) dnsResolve("n" + i + ".example"); return "PROXY fine:1"');
    expect(await named(source(file(script), { path: { connectTo: {}, lookup: counting } }))).toBe('http:fine:1');
    expect(lookups).toBe(8);
  });

  test.each([
    ['<html>log in</html>', 'it is no script, or fails'],
    [find('throw new Error("no")'), 'it is no script, or fails'],
    ['var x = 1', 'it has no FindProxyForURL'],
    [find('return 7'), 'it gives no text'],
    [find(''), 'it gives no text'],
    ['async function FindProxyForURL() { return "DIRECT" }', 'it gives no text'],
    [find('return "PROXY a:1;".repeat(200)'), 'what it gives is too long'],
  ])('%s: %s', async (script, why) => {
    expect(await fault(script)).toBe(why);
  });

  test('without its engine no file counts, which is said', async () => {
    const without = source(file(find('return "DIRECT"')), { engine: pathToFileURL(join(scratch, 'missing.mjs')) });
    expect(await named(without)).toBe('');
    expect(said).toEqual([expect.stringContaining('windlass-agent-pac.mjs is not beside the agent')]);
  });
});

describe('where it lies', () => {
  const script = find('return "PROXY found:1"');
  const at = async (conduct: Conduct, more: Partial<PacOptions> = {}): Promise<{ found: string; peer: Peer }> => {
    const peer = await startPlainPeer(conduct);
    peers.push(peer);
    const path = { connectTo: { '*:80': peer.address }, lookup, deadlines: { 'first-byte': 200, body: 300 } };
    return { found: await named(source(new URL('http://pac.example/proxy.pac?a=1'), { path, ...more })), peer };
  };

  test('at an HTTP server: nothing of the device is in the request, and it is fetched once', async () => {
    const peer = await startPlainPeer(answer('200 OK', ['Content-Type: application/x-ns-proxy-autoconfig'], script));
    peers.push(peer);
    const path = { connectTo: { '*:80': peer.address }, lookup };
    const pac = source(new URL('http://pac.example/proxy.pac?a=1'), { path });
    expect(await named(pac)).toBe('http:found:1');
    expect(await named(pac, { ...app, host: 'other.example' })).toBe('http:found:1');
    const head = 'GET /proxy.pac?a=1 HTTP/1.1\r\nHost: pac.example\r\nAccept: */*\r\nConnection: close\r\n\r\n';
    expect(peer.received).toEqual([head]);
    pac.forget();
    await named(pac);
    expect(peer.received).toHaveLength(2);
  });

  test.each<[string, Conduct, string]>([
    ['404', answer('404 No', [], script), 'what answers there has none (the status is not 200)'],
    ['a redirect', answer('302 Found', ['Location: http://pac.example/x'], ''), 'what answers there has none'],
    ['10 MB', answer('200 OK', [], `//${'x'.repeat(10_000_000)}\n${script}`), 'it has more than 256 KiB'],
    ['a coding', answer('200 OK', ['Content-Encoding: br'], script), 'it cannot be fetched (encoding)'],
    ['half of it', `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${script}`, 'it cannot be fetched (truncated)'],
    ['silence', SILENT, 'it cannot be fetched (timeout)'],
    ['no HTTP', 'SSH-2.0\r\n', 'it cannot be fetched (http)'],
  ])('%s: the file is not used, and it is said why', async (_, conduct, why) => {
    expect((await at(conduct)).found).toBe('');
    expect(said).toEqual([
      expect.stringContaining(`the proxy configuration http://pac.example/proxy.pac?a=1 is not used: ${why}`),
    ]);
  });

  test('a file that is missing, large, or none', async () => {
    expect(await named(source(new URL('file:///nowhere/proxy.pac')))).toBe('');
    expect(await named(source(file(`//${'x'.repeat(300_000)}\n${script}`)))).toBe('');
    const pipe = join(scratch, 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(await named(source(pathToFileURL(pipe)))).toBe('');
    expect(said.map((each) => each.replace(/^.*: /, ''))).toEqual([
      'there is no such file',
      'it has more than 256 KiB',
      'there is no such file',
    ]);
  });

  test('[L10] at an HTTPS server that a root vouches for, and not an inspection CA', async () => {
    const [root, box]: Holder[] = [
      await makeAuthority({ subject: 'CN=Root' }),
      await makeAuthority({ subject: 'CN=Box' }),
    ];
    if (!root || !box) throw new Error();
    const trust = () => trusting([root], { inspectionCas: [inspectionCa(box)] });
    const by = async (issuer: Holder): Promise<string> => {
      const peer = await startTlsPeer(await makeLeaf(['pac.example'], { issuer }), answer('200 OK', [], script));
      peers.push(peer);
      const path = { connectTo: { '*:443': peer.address }, lookup };
      return named(source(new URL('https://pac.example/proxy.pac'), { path, trust }));
    };
    expect(await by(root)).toBe('http:found:1');
    expect(await by(box)).toBe('');
    expect(said).toEqual([expect.stringContaining('it cannot be fetched (tls)')]);
  });

  test('where the network says: DHCP first, then DNS; one that fails leads to the next, and is said', async () => {
    const lease = join(scratch, 'lease');
    const resolverFile = join(scratch, 'resolv.conf');
    writeFileSync(
      lease,
      'OPTION_252=not a url\nwpad=http://user:secret@a/\nwpad=ftp://a/\nwpad=http://gone.example/wpad.dat\n',
    );
    writeFileSync(resolverFile, 'nameserver 127.0.0.1\nsearch lan Plant.example. other.example\n');
    const good = await startPlainPeer(answer('200 OK', [], script));
    peers.push(good);
    const path = { connectTo: { 'wpad.plant.example:80': good.address, '*:80': '127.0.0.1:1' }, lookup };
    const wpad = { leaseFiles: [lease], resolverFile };
    expect(await named(source(null, { path, wpad }))).toBe('http:found:1');
    expect(said).toEqual([
      expect.stringContaining('http://gone.example/wpad.dat is not used: it cannot be fetched (refused)'),
    ]);
    expect(good.received[0]).toContain('GET /wpad.dat HTTP/1.1\r\nHost: wpad.plant.example\r\n');
    said.length = 0;
    const gone = { connectTo: { '*:80': '127.0.0.1:1' }, lookup };
    expect(await named(source(null, { path: gone, wpad }))).toBe('');
    expect(said.map((each) => /http:\S+/.exec(each)?.[0])).toEqual([
      'http://gone.example/wpad.dat',
      'http://wpad.plant.example/wpad.dat',
      'http://wpad.other.example/wpad.dat',
    ]);
  });

  test('what the network says never leads to this machine: no file from there, no proxy there, by name neither', async () => {
    const lease = join(scratch, 'lease-here');
    const here = await startPlainPeer(answer('200 OK', [], script));
    peers.push(here);
    const port = here.address.split(':')[1];
    const hosts = ['127.0.0.1', 'localhost', 'x.localhost.', '0.0.0.0', '127.1', '[::1]', '[::]', '[::ffff:127.0.0.1]'];
    const urls = [...hosts, 'innocent.example'].map((host) => `http://${host}:${port}/reboot`);
    const wpad = { leaseFiles: [lease], resolverFile: join(scratch, 'nowhere') };
    const path = { connectTo: {}, lookup: async () => ['127.0.0.1'] };
    for (const url of urls) {
      writeFileSync(lease, `wpad=${url}\n`);
      expect([url, await named(source(null, { path, wpad }))]).toEqual([url, '']);
    }
    expect(here.received).toEqual([]);
    // Who configures the device may have a proxy on it.
    expect(await named(source(new URL(urls[0] ?? '')))).toBe('http:found:1');
    const own = await startPlainPeer(
      answer('200 OK', [], find('return "PROXY 127.0.0.1:6379; HTTPS [::1]:25; PROXY localhost:1; PROXY box:2"')),
    );
    peers.push(own);
    writeFileSync(lease, 'wpad=http://pac.example/p\n');
    expect(await named(source(null, { wpad, path: { connectTo: { '*:80': own.address }, lookup } }))).toBe(
      'http:box:2',
    );
  });

  test('of many places that DHCP ever named, the last three', async () => {
    const lease = join(scratch, 'lease-many');
    writeFileSync(
      lease,
      [1, 2, 3, 4, 5].map((n) => `wpad=http://old${n}.example/p\nwpad=http://:secret@a/\n`).join(''),
    );
    const wpad = { leaseFiles: [lease], resolverFile: join(scratch, 'nowhere') };
    expect(wpadUrls(wpad).map(({ hostname }) => hostname)).toEqual(['old5.example', 'old4.example', 'old3.example']);
  });
});
