import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { PROBLEMS, problemOf } from './problems.ts';
import type { Route } from './route.ts';
import { ROUTES, SHOWN_ROUTES } from './routes.ts';

const table = Object.entries<Route>(ROUTES);

test('no two routes have the same method and path', () => {
  const keys = table.map(([, route]) => `${route.method} ${route.path}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test('the parameters of a path are exactly those of its schema', () => {
  for (const [, route] of table) {
    const named = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1]);
    expect(Object.keys(route.params.properties)).toEqual(named);
  }
});

test('parameters, query and body of a route share no name, so that an input is one flat object', () => {
  for (const [, route] of table) {
    const names = [route.params, route.query, ...(route.body === null ? [] : [route.body])].flatMap((schema) =>
      Object.keys(schema.properties),
    );
    expect(new Set(names).size).toBe(names.length);
  }
});

test("the admin's token writes nothing inside an organization", () => {
  const writing = table.filter(([, route]) => route.organization === 'path' && route.method !== 'GET');
  expect(writing.length).toBeGreaterThan(4);
  for (const [, route] of writing) {
    expect(route.roles).not.toContain('admin');
    expect(['approver', 'network-admin']).toEqual(expect.arrayContaining([...route.roles]));
  }
  for (const route of [ROUTES.publishProfile, ROUTES.retireInspectionCa]) expect(route.roles).toEqual(['approver']);
});

test('an auditor only reads, and an installer only reaches what an installer is for', () => {
  // Whoever has a token may end it.
  const own = ['token.revoke', 'session.revoke'];
  const reading = table.filter(([, route]) => route.roles.includes('auditor') && !own.includes(route.act));
  expect(reading.map(([, { method }]) => method)).toEqual(reading.map(() => 'GET'));
  const installing = table.filter(([, route]) => route.roles.includes('installer') && !own.includes(route.act));
  for (const [name] of installing) expect(name).toMatch(/claim|device|place|order/i);
});

test('what changes an object is guarded by the route that shows it: the one with the longest path', () => {
  const shown = table.filter(([name]) => SHOWN_ROUTES.has(name));
  expect(shown.length).toBeGreaterThan(5);
  for (const [, route] of table) {
    if (route.method === 'GET') continue;
    const above = shown.filter(([, { path }]) => `${route.path}/`.startsWith(`${path}/`));
    const [nearest] = above.sort(([, a], [, b]) => b.path.length - a.path.length);
    // A device is named in the body as well.
    if (nearest !== undefined) expect([route.act, route.guardedBy]).toEqual([route.act, nearest[0]]);
  }
});

test('the route that guards another one takes no more than that one is given', () => {
  for (const [name, { guardedBy, params, query, body }] of table) {
    if (guardedBy === undefined) continue;
    const guard = table.find(([other]) => other === guardedBy)?.[1];
    expect([name, guard?.method]).toEqual([name, 'GET']);
    const given = { ...params.properties, ...query.properties, ...body?.properties };
    const taken = { ...guard?.params.properties, ...guard?.query.properties };
    for (const [member, schema] of Object.entries(taken)) expect([name, given[member]]).toEqual([name, schema]);
  }
});

test('every list comes in pages', () => {
  const lists = table.filter(([, { answer }]) => 'items' in ((answer as { properties?: object }).properties ?? {}));
  expect(lists.length).toBeGreaterThan(15);
  for (const [name, { query, answer }] of lists) {
    const answered = Object.keys((answer as { properties?: object }).properties ?? {});
    expect([name, answered]).toEqual([name, ['items', 'next']]);
    expect([name, Object.keys(query.properties)]).toEqual([name, expect.arrayContaining(['limit', 'after'])]);
  }
});

test('only the health route takes no token', () => {
  expect(table.filter(([, route]) => route.roles.length === 0).map(([name]) => name)).toEqual(['health']);
});

test('requests refuse unknown members', () => {
  for (const [, route] of table) {
    for (const schema of [route.params, route.query, route.body]) {
      if (schema !== null) expect(schema).toHaveProperty('additionalProperties', false);
    }
  }
  const claim = ROUTES.addClaim.body;
  expect(Value.Check(claim, { serial: 'A 1', organization: 'acme' })).toBe(true);
  expect(Value.Check(claim, { serial: 'A 1', organization: 'acme', generation: 7 })).toBe(false);
});

test('a fingerprint is taken with and without colons, in any case', () => {
  const params = ROUTES.retireInspectionCa.params;
  const check = (fingerprint: string) => Value.Check(params, { organization: 'o', network: 'n', fingerprint });
  expect(check('ab'.repeat(32))).toBe(true);
  expect(check(Array(32).fill('AB').join(':'))).toBe(true);
  expect(check('ab'.repeat(31))).toBe(false);
  expect(check('xy'.repeat(32))).toBe(false);
});

test('a problem has the status and type of its code', () => {
  expect(problemOf('not-found', 'There is none.')).toEqual({
    type: 'urn:windlass:problem:not-found',
    title: 'Not found',
    status: 404,
    detail: 'There is none.',
    code: 'not-found',
  });
  for (const { status } of Object.values(PROBLEMS)) expect(status).toBeGreaterThanOrEqual(400);
});
