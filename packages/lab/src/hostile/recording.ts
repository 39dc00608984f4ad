/** What the faulty proxy saw and said, verbatim: the evidence for "nothing secret stands outside the signed body". */

import type { Header, HttpMessage } from '../proxies/http-message.ts';
import type { Entrance } from '../proxies/inspecting-proxy.ts';
import type { Behaviour } from './behaviours.ts';

/** One request and, once there is one, what was answered. */
export interface RecordedExchange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly entrance: Entrance;
  readonly transport: 'tls' | 'plain';
  /** The server name in SNI, Host or CONNECT. */
  readonly name: string;
  readonly port: number;
  readonly startLine: string;
  /** In order and case of the wire. */
  readonly headers: readonly Header[];
  /** Without transfer coding. */
  readonly body: Buffer;
  /** Every byte of the request. */
  readonly rawRequest: Buffer;
  readonly clientCertificate: 'presented' | 'none';
  /** What was on when the request came. */
  readonly behaviours: readonly Behaviour[];
  /** Every byte that was served; undefined while hanging or when the connection was cut. */
  readonly rawAnswer?: Buffer;
}

export interface Recording {
  /** The exchange is recorded. The handle completes it. */
  readonly add: (exchange: Omit<RecordedExchange, 'at'>) => { answered: (raw: Buffer) => void };
  readonly exchanges: () => readonly RecordedExchange[];
  readonly forget: () => void;
  /** A genuine answer of the origin is kept for later misuse. */
  readonly keep: (target: string, body: Buffer, answer: HttpMessage) => void;
  /** The last genuine answer to this target. */
  readonly lastFor: (target: string) => HttpMessage | undefined;
  /** The last genuine answer to a request whose body was another one. */
  readonly lastForOther: (body: Buffer) => HttpMessage | undefined;
}

const limit = 1_000;

/** An empty recording; it keeps the last 1 000 exchanges and answers. */
export function createRecording(): Recording {
  const exchanges: RecordedExchange[] = [];
  const answers: { readonly target: string; readonly body: Buffer; readonly answer: HttpMessage }[] = [];
  return {
    add: (exchange) => {
      const recorded = { ...exchange, at: Date.now() };
      exchanges.push(recorded);
      if (exchanges.length > limit) exchanges.shift();
      return {
        answered: (rawAnswer) => {
          const index = exchanges.indexOf(recorded);
          if (index >= 0) exchanges[index] = { ...recorded, rawAnswer };
        },
      };
    },
    exchanges: () => [...exchanges],
    forget: () => {
      exchanges.length = 0;
    },
    keep: (target, body, answer) => {
      answers.push({ target, body, answer });
      if (answers.length > limit) answers.shift();
    },
    lastFor: (target) => answers.findLast((kept) => kept.target === target)?.answer,
    lastForOther: (body) => answers.findLast((kept) => !kept.body.equals(body))?.answer,
  };
}
