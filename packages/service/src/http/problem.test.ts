import { ROUTES } from '@windlass/management';
import { ProtocolError } from '@windlass/protocol';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { SignerError } from '../signer/ports.ts';
import { problemOfError, violationSentence } from './problem.ts';

function sentence(schema: TSchema, value: unknown): string {
  return violationSentence(Compile(schema).Errors(value), schema);
}

test('a refusal keeps its code and sentence', () => {
  const problem = problemOfError(new Refusal('exists', 'There is one already: choose another name.'));
  expect(problem).toMatchObject({ code: 'exists', status: 409, detail: 'There is one already: choose another name.' });
});

test('a missing signer is 503, a message of the protocol 400', () => {
  expect(problemOfError(new SignerError('signer-missing', 'x')).status).toBe(503);
  expect(problemOfError(new ProtocolError('schema', 'The host is not one.')).status).toBe(400);
});

test('an error that nobody foresaw says nothing about the inside', () => {
  const problem = problemOfError(new Error('/secret/path SQLITE_CORRUPT'));
  expect(problem).toMatchObject({ code: 'internal', status: 500 });
  expect(problem.detail).not.toContain('secret');
});

test('a wrong member is named with what it must be', () => {
  const body = ROUTES.addEndpoint.body;
  const good = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true };
  expect(sentence(body, { ...good, name: '-' })).toMatch(/^name must be 1 to 63 letters/);
  expect(sentence(body, { ...good, port: 0 })).toBe('port must be a port from 1 to 65535.');
  expect(sentence(body, { ...good, protocol: 'ftp' })).toBe(
    'protocol must be "https", "mqtts", "wss", "amqps" or "tls".',
  );
});

test('a missing member and an unknown one are told apart; a name from outside is not echoed raw', () => {
  const body = ROUTES.addNetwork.body;
  expect(sentence(body, {})).toBe('name must be given.');
  expect(sentence(body, { name: 'a', '<script>': 1 })).toBe('?script? is not known to this route: leave it out.');
  expect(sentence(body, [])).toBe('The body must be one JSON object.');
});

test('an item of a list is described too', () => {
  const body = ROUTES.addInspectionCa.body;
  expect(sentence(body, { certificate: 'AAAA', permittedNames: [''] })).toBe(
    'permittedNames.0 must be a host name, an IP prefix like 10.0.0.0/8, or "*".',
  );
  expect(sentence(body, { certificate: 'AAAA', permittedNames: [] })).toBe('permittedNames must be 1 to 64 names.');
});
