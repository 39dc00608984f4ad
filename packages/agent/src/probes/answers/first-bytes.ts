// Protocols that are no HTTP: a few bytes are sent, and the first ones that come back tell them.
import type { TLSSocket } from 'node:tls';
import type { Attempt } from '../../transport/attempt.ts';

export interface Greeting {
  readonly hello: Buffer;
  /** How an answer begins, in hexadecimal; a dot is any digit. */
  readonly answers: readonly string[];
  /** Sent after the answer. */
  readonly bye?: Buffer;
}

/** The answer has begun as one of them does, up to its end. @throws PathError of the stage `first-byte`; `http`: something else came */
export function firstBytes(
  attempt: Attempt,
  socket: TLSSocket,
  { hello, answers, bye = Buffer.alloc(0) }: Greeting,
): Promise<void> {
  return attempt.phase<void>('first-byte', (done, fail) => {
    if (socket.destroyed) return fail(attempt.fault);
    let seen = '';
    socket.on('error', fail);
    socket.on('end', () => fail('empty'));
    socket.on('close', () => fail());
    socket.on('data', (part: Buffer) => {
      seen += part.toString('hex');
      const possible = answers.filter((answer) => isLike(seen, answer));
      // What only comes back as it was sent is nobody's answer.
      if (possible.length === 0 || seen === hello.toString('hex')) return fail('http'); // spec M5
      if (!possible.some((answer) => seen.length >= answer.length)) return;
      socket.end(bye);
      done();
    });
    socket.write(hello);
  });
}

/** As far as both go. */
function isLike(seen: string, answer: string): boolean {
  return [...answer.slice(0, seen.length)].every((digit, i) => digit === '.' || digit === seen[i]);
}
