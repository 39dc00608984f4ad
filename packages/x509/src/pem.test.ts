import { expect, test } from 'vitest';
import { parsePem, toPem } from './pem.ts';

const isRefused = expect.objectContaining({ name: 'X509Error', code: 'certificate' });
const der = Uint8Array.from({ length: 100 }, (_, i) => i * 7);

test('what is written is read', () => {
  expect(parsePem(toPem('CERTIFICATE', der) + toPem('X509 CRL', der))).toEqual([
    { label: 'CERTIFICATE', der },
    { label: 'X509 CRL', der },
  ]);
});

test('lines have at most 64 characters and the text ends with a newline', () => {
  const text = toPem('CERTIFICATE', der);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(64);
  expect(text.endsWith('-----END CERTIFICATE-----\n')).toBe(true);
});

test('text around blocks, carriage returns and indentation are let pass', () => {
  const text = `Issued by us\r\n\r\n${toPem('CERTIFICATE', der).replaceAll('\n', ' \r\n')}\r\nthe end`;
  expect(parsePem(text)).toEqual([{ label: 'CERTIFICATE', der }]);
});

test.each([
  ['no block', 'hello'],
  ['an end without a beginning', '-----END CERTIFICATE-----'],
  ['two ends', '-----END A-----\nAAAA\n-----END A-----'],
  ['two beginnings', '-----BEGIN A-----\nAAAA\n-----BEGIN A-----'],
  ['a malformed edge before a block', `-----BEGINA-----\n${toPem('A', der)}`],
  ['a malformed edge after a block', `${toPem('A', der)}-----ENDA-----`],
  ['a beginning without an end', '-----BEGIN CERTIFICATE-----\nAAAA'],
  ['another label at the end', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CRL-----'],
  ['a beginning inside a block', '-----BEGIN A-----\nAAAA\n-----BEGIN A-----\nAAAA\n-----END A-----'],
  ['characters that are no base64', '-----BEGIN A-----\nAA*A\n-----END A-----'],
  ['base64 cut short', '-----BEGIN A-----\nAAA\n-----END A-----'],
  ['an empty block', '-----BEGIN A-----\n-----END A-----'],
  ['an edge that is malformed', '-----BEGINA-----\nAAAA\n-----END A-----'],
])('%s is refused', (_, text) => expect(() => parsePem(text)).toThrow(isRefused));

test('limits on characters and blocks', () => {
  expect(() => parsePem('x'.repeat(1_048_577))).toThrow(isRefused);
  expect(() => parsePem(toPem('A', der), { characters: 10 })).toThrow(isRefused);
  expect(() => parsePem(toPem('A', der).repeat(3), { blocks: 2 })).toThrow(isRefused);
  expect(parsePem(toPem('A', der).repeat(2), { blocks: 2 })).toHaveLength(2);
});
