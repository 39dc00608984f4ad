import { expect, test } from 'vitest';
import { parseAnswer, requestText } from './exchange.ts';

test('[L7] a request has the fields of a device and no other, and counts bytes', () => {
  expect(requestText('/x', '"ä"')).toBe(
    'POST /x HTTP/1.1\r\nHost: bootstrap.bench.example\r\nUser-Agent: windlass\r\nAccept: application/json\r\n' +
      'Content-Type: application/json\r\nContent-Length: 4\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"ä"',
  );
});

test('an answer gives status and body', () => {
  const { status, body } = parseAnswer(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
  expect({ status, body: Buffer.from(body).toString() }).toEqual({ status: 200, body: '{}' });
});

test.each([
  '',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}',
  'SSH-2.0\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n{}',
])('an answer that is not whole is refused: %j', (text) => {
  expect(() => parseAnswer(Buffer.from(text))).toThrow('not a whole HTTP answer');
});
