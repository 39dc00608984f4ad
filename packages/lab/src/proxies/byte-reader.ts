/** Pulls bytes out of a socket piece by piece, with a limit and a deadline; what was not asked for can be handed back to the socket. */
import type { Duplex } from 'node:stream';

export interface ByteReader {
  /** The bytes up to and including `delimiter`; undefined when the stream ends before its first byte. @throws past `limit` bytes or on an early end. */
  readonly until: (delimiter: string, limit: number) => Promise<Buffer | undefined>;
  /** Exactly `count` bytes. @throws when the stream ends earlier. */
  readonly exactly: (count: number) => Promise<Buffer>;
  /** Everything until the peer closes. @throws past `limit` bytes. */
  readonly toEnd: (limit: number) => Promise<Buffer>;
  /** Stops reading; what was read too far goes back, so that somebody else can take the socket over. */
  readonly handBack: () => void;
}

/** Reads from `stream`; every wait for new bytes ends after `deadlineMs`. */
export function readBytes(stream: Duplex, deadlineMs = 30_000): ByteReader {
  let buffered: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake: () => void = () => undefined;
  const onData = (chunk: Buffer): void => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    wake();
  };
  const onEnd = (): void => {
    ended = true;
    wake();
  };
  stream.on('data', onData);
  for (const event of ['end', 'close', 'error']) stream.on(event, onEnd);

  const more = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no byte within ${deadlineMs} ms`)), deadlineMs);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve();
      };
    });
  const take = (count: number): Buffer => {
    const taken = buffered.subarray(0, count);
    buffered = buffered.subarray(count);
    return taken;
  };

  return {
    until: async (delimiter, limit) => {
      for (;;) {
        const at = buffered.indexOf(delimiter, 0, 'latin1');
        if (at >= 0) return take(at + delimiter.length);
        if (buffered.length > limit) throw new Error(`more than ${limit} bytes before the end of a head`);
        if (ended && buffered.length === 0) return undefined;
        if (ended) throw new Error('closed in the middle of a head');
        await more();
      }
    },
    exactly: async (count) => {
      while (buffered.length < count) {
        if (ended) throw new Error('closed in the middle of a body');
        await more();
      }
      return take(count);
    },
    toEnd: async (limit) => {
      while (!ended) {
        if (buffered.length > limit) throw new Error(`more than ${limit} bytes`);
        await more();
      }
      return take(buffered.length);
    },
    handBack: () => {
      stream.off('data', onData);
      for (const event of ['end', 'close', 'error']) stream.off(event, onEnd);
      stream.pause();
      if (buffered.length > 0) stream.unshift(buffered);
      buffered = Buffer.alloc(0);
    },
  };
}
