import { isAnswer, isEnvelope } from '@windlass/protocol';
import { expect, test } from 'vitest';
import { classifyBody, redirectHost } from './classify-body.ts';

const isEither = (body: Uint8Array): boolean => isAnswer(body) || isEnvelope(body);
const classOf = (body: string | Uint8Array, status = 200, type = 'application/json'): string =>
  classifyBody({ status, headers: { 'content-type': type }, body: Buffer.from(body) }, isEither) ?? 'body';

test('[L4] an answer and an envelope are bodies to be judged, whatever their status and type', () => {
  expect(classOf('{"decision":{"payload":"{}","signature":"MAA="}}')).toBe('body');
  expect(classOf(' {"payload":"{}","signature":"MAA="}\n', 503, 'text/html')).toBe('body');
});

test('a neutral problem of the service is no answer and no page, with status 400 and above only', () => {
  const problem = '{"type":"about:blank","title":"Bad Request","status":400}';
  expect(classOf(problem, 400, 'application/problem+json; charset=utf-8')).toBe('http');
  expect(classOf(problem, 429, 'application/problem+json')).toBe('http');
  expect(classOf(problem, 200, 'application/problem+json')).toBe('blocked');
  expect(classOf(problem, 400, 'application/json')).toBe('blocked');
  expect(classOf('<h1>problem</h1>', 400, 'application/problem+json')).toBe('blocked');
});

test('[L4] a page with status 200 is blocked, JSON of somebody else too', () => {
  expect(classOf('<html><h1>Blocked</h1></html>', 200, 'text/html')).toBe('blocked');
  expect(classOf('<html>{"decision":1}</html>')).toBe('blocked');
  expect(classOf('{"error":"blocked"}')).toBe('blocked');
  expect(classOf('{"payload":"only"}')).toBe('blocked');
  expect(classOf('{"decision":{}}')).toBe('blocked');
  expect(classOf('["decision"]')).toBe('blocked');
  expect(classOf('null')).toBe('blocked');
  expect(classOf('decision')).toBe('blocked');
});

test('[L4] status 511 and a form to log in are a captive portal', () => {
  expect(classOf('', 511)).toBe('captive');
  expect(classOf('{"decision":{}}', 511)).toBe('captive');
  expect(classOf('<form action="/go"><input type="password"></form>', 200, 'text/html')).toBe('captive');
  expect(classOf('<FORM><button>Accept</button></FORM>', 200, 'text/html')).toBe('captive');
  expect(classOf('<form action="/search">', 403, 'text/html')).toBe('blocked');
});

test('[L4] nothing is empty, the beginning of JSON is truncated', () => {
  expect(classOf('')).toBe('empty');
  expect(classOf('{"decision":{"payload":"{')).toBe('truncated');
});

test('no bytes make it throw', () => {
  const classes = Array.from({ length: 256 }, (_, byte) => classOf(new Uint8Array([byte, 0xff, byte]), 200, ''));
  expect(classes.filter((found) => found !== 'blocked')).toEqual(['truncated']);
});

test('the host that a redirect leads to, the same where it says none', () => {
  expect(redirectHost(302, 'http://portal.example/login', 'service.example')).toBe('portal.example');
  expect(redirectHost(307, 'https://service.example/', 'service.example')).toBe('service.example');
  expect(redirectHost(301, '/elsewhere', 'service.example')).toBe('service.example');
  expect(redirectHost(302, undefined, 'service.example')).toBe('service.example');
  expect(redirectHost(302, 'http://[::', 'service.example')).toBe('service.example');
  expect(redirectHost(302, undefined, '2001:db8::1')).toBe('2001:db8::1');
  expect(redirectHost(200, 'http://portal.example/', 'service.example')).toBeNull();
});
