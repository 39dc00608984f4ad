import { expect, test } from 'vitest';
import { parsePostgresUrl, withoutPassword } from './postgres-server.ts';

const read = (text: string) => {
  const found = parsePostgresUrl(text);
  if ('wrong' in found) throw new Error(found.wrong);
  return { ...found, password: found.password === null ? null : found.password() };
};
const nobody = { port: 5432, user: null, password: null };

test.each([
  [
    'postgres://windlass:a%2Fb%40c@db.example:6543/wind%20lass',
    {
      host: 'db.example',
      port: 6543,
      user: 'windlass',
      password: 'a/b@c',
      database: 'wind lass',
      tls: { authority: null },
    },
  ],
  ['postgresql://db.example/w', { ...nobody, host: 'db.example', database: 'w', tls: { authority: null } }],
  ['postgres://127.0.0.1/w', { ...nobody, host: '127.0.0.1', database: 'w', tls: null }],
  ['postgres://[::1]/w?sslmode=verify-full', { ...nobody, host: '::1', database: 'w', tls: { authority: null } }],
  ['postgres:///w', { ...nobody, host: 'localhost', database: 'w', tls: null }],
  ['postgres:///w?host=/run/postgresql', { ...nobody, host: '/run/postgresql', database: 'w', tls: null }],
  [
    'postgres://me@/w?host=/run/postgresql',
    { ...nobody, user: 'me', host: '/run/postgresql', database: 'w', tls: null },
  ],
  ['postgres://%2Frun%2Fpostgresql/w', { ...nobody, host: '/run/postgresql', database: 'w', tls: null }],
  ['postgres://10.0.0.1/w?sslmode=disable', { ...nobody, host: '10.0.0.1', database: 'w', tls: null }],
  [
    'postgres://db.example/w?sslmode=require&sslrootcert=/etc/ca.pem',
    { ...nobody, host: 'db.example', database: 'w', tls: { authority: '/etc/ca.pem' } },
  ],
  [
    'postgres://db.example/w?sslrootcert=system',
    { ...nobody, host: 'db.example', database: 'w', tls: { authority: null } },
  ],
])('%s', (text, server) => expect(read(text)).toEqual(server));

test.each([
  ['mysql://db.example/w', /must be like "postgres:/],
  ['db.example/w', /must be like "postgres:/],
  ['postgres://db.example:port/w', /must be like "postgres:/],
  ['postgres://db.example', /must name a database/],
  ['postgres://db.example/w?options=-csearch_path%3Dpublic', /may have no parameter but host, sslmode, sslrootcert/],
  ['postgres://u:pa?ss@db.example/w', /must be like|may have no parameter/],
  ['postgres://u:pa#ss@db.example/w', /must be like|may have no parameter/],
  ['postgres://u:100%@db.example/w', /has a % that begins no %XX/],
  ['postgres://db.example/w?sslmode=prefer', /may have sslmode=verify-full/],
])('%s: what to do, and nothing of the URL', (text, sentence) => {
  const found = parsePostgresUrl(text);
  expect(found).toEqual({ wrong: expect.stringMatching(sentence) });
  expect(JSON.stringify(found)).not.toMatch(/u:|100%/);
});

test('a password is not printed, and can be taken out', () => {
  const text = 'postgres://windlass:s3cret@db.example/w';
  const found = parsePostgresUrl(text);
  expect(`${JSON.stringify(found)}${String(found)}`).not.toContain('s3cret');
  expect(withoutPassword(text)).toBe('postgres://windlass@db.example/w');
  expect(read(withoutPassword('postgres://me:s3cret@/w?host=/run'))).toMatchObject({
    user: 'me',
    password: null,
    host: '/run',
  });
});
