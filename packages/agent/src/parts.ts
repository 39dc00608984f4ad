// What the files beside the core need of it, handed to them when they are loaded: they must not have it a second time. @see decisions/0020
import { keyOf, unixSeconds } from '@windlass/protocol';
import { startAttempt } from './transport/attempt.ts';
import { isLoginPage, redirectHost } from './transport/classify-body.ts';
import { exchange } from './transport/exchange.ts';
import { shakeHands } from './transport/handshake.ts';
import { judgeChain, readable } from './transport/judge-chain.ts';
import { request } from './transport/node-http.ts';
import { codeOf, expectPathError, PathError } from './transport/path-error.ts';
import { authority, openStraight } from './transport/route.ts';
import { speakTls } from './transport/speak-tls.ts';

export const parts = {
  startAttempt,
  shakeHands,
  openStraight,
  speakTls,
  judgeChain,
  readable,
  request,
  exchange,
  expectPathError,
  PathError,
  codeOf,
  authority,
  redirectHost,
  isLoginPage,
  keyOf,
  unixSeconds,
};

export type Parts = typeof parts;
