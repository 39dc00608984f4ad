// What the files beside the core need of it, handed to them when they are loaded: they must not have it a second time. @see decisions/0020
import { keyOf } from '@windlass/protocol';
import { startAttempt } from './transport/attempt.ts';
import { isLoginPage, redirectHost } from './transport/classify-body.ts';
import { exchange } from './transport/exchange.ts';
import { shakeHands } from './transport/handshake.ts';
import { judgeChain } from './transport/judge-chain.ts';
import { codeOf, expectPathError, PathError } from './transport/path-error.ts';
import { authority } from './transport/route.ts';

export const parts = {
  startAttempt,
  shakeHands,
  judgeChain,
  exchange,
  expectPathError,
  PathError,
  codeOf,
  authority,
  redirectHost,
  isLoginPage,
  keyOf,
};

export type Parts = typeof parts;
