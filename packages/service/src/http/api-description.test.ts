import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, openFixture } from '../testing/management-fixture.ts';
import { createManagementServer } from './management-listener.ts';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
});

afterEach(async () => {
  await fixture.close();
});

test('the API is described for programs, under the address that was asked', async () => {
  const server = createManagementServer({ management: fixture.management });
  const answer = await server.inject({ url: '/openapi.json', headers: { host: 'windlass.example:8443' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'http://windlass.example:8443' }] });
});

test('and for people, on a page that loads nothing and runs nothing', async () => {
  const server = createManagementServer({ management: fixture.management });
  const { headers, body } = await server.inject({ url: '/docs', headers: { host: '"><script>alert(1)</script>' } });
  expect(headers['content-type']).toContain('text/html');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).toContain('POST /v1/organizations/{organization}/networks');
  expect(body).not.toMatch(/<script|src=|url\(|https?:\/\/(?!localhost)/);
});
