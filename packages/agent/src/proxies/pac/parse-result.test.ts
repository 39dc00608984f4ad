import { expect, test } from 'vitest';
import { parseResult } from './parse-result.ts';

const p = (host: string, port: number, more = {}) => ({ host, port, ...more });

test.each<[string, readonly unknown[], readonly string[]]>([
  ['DIRECT', [null], []],
  ['', [null], []],
  ['PROXY 10.0.0.1:3128', [p('10.0.0.1', 3128)], []],
  ['proxy proxy.example; direct', [p('proxy.example', 80), null], []],
  ['HTTPS proxy.example; HTTP b:8080;', [p('proxy.example', 443, { tls: true }), p('b', 8080)], []],
  ['PROXY [fd00::1]:3128', [p('fd00::1', 3128)], []],
  ['SOCKS5 s:1080; SOCKS s:1080; SOCKS5 t:1; PROXY a:1', [p('a', 1)], ['SOCKS5', 'SOCKS']],
  ['PROXY user:secret@10.0.0.1:3128', [], ['something that cannot be read']],
  ['PROXY a:0; PROXY a:65536; PROXY; PROXY a:1 b:2; DIRECT now', [], ['something that cannot be read']],
  ['PROXY a:1\r\nX-Injected: 1', [], ['something that cannot be read']],
  ['<html>', [], ['something that cannot be read']],
])('%j', (text, routes, unknown) => {
  expect(parseResult(text)).toEqual({ routes, unknown });
});

test('no more than eight entries are looked at', () => {
  const text = Array.from({ length: 20 }, (_, i) => `PROXY p${i}:1`).join(';');
  expect(parseResult(text).routes).toHaveLength(8);
});
