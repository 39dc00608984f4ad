// One input: what the decoder made of it, and whether that is allowed.

import { X509Error } from '../../errors.ts';
import type { Decoder } from './decoders.ts';
import { parseTree } from './der-tree.ts';

/** Milliseconds that one input may take, generous for a busy machine. */
export const SLOWEST_MS = 500;
/** Most messages that are all different before one says that they quote their inputs. */
const MAX_MESSAGES = 30;
/** How often an input that was slow gets another chance: the machine may have been busy. */
const RETRIES = 3;

/** What came out; `site` tells apart where in the sources it was refused, or what shape was accepted. */
export interface Outcome {
  readonly code: string;
  readonly site: string;
  readonly ms: number;
}

/** An input that shows something wrong; the message is for the person who runs the tests. */
export class Finding extends Error {
  readonly input: Uint8Array;

  constructor(message: string, input: Uint8Array, options?: ErrorOptions) {
    super(message, options);
    this.input = input;
  }
}

/**
 * What the decoder makes of an input.
 * @param messages all messages so far, to be kept for the next input of the same decoder
 * @throws Finding when anything but X509Error comes out, a message quotes its input, or it takes over 500 ms
 */
export function judge({ decode }: Decoder, input: Uint8Array, messages: Set<string>): Outcome {
  let best = timed(decode, input);
  for (let i = 0; i < RETRIES && best.ms > SLOWEST_MS; i++) {
    const again = timed(decode, input);
    if (again.ms < best.ms) best = again;
  }
  const { ms, error } = best;
  if (ms > SLOWEST_MS) throw new Finding(`An input takes ${ms.toFixed(0)} ms, ${SLOWEST_MS} are allowed.`, input);
  if (error === undefined) return { code: 'accepted', site: shapeOf(input), ms };
  if (!(error instanceof X509Error)) {
    throw new Finding(`Something else than X509Error comes out: ${error}`, input, { cause: error });
  }
  messages.add(error.message);
  if (/[^ -~]/.test(error.message) || messages.size > MAX_MESSAGES) {
    throw new Finding('A message quotes its input, or messages differ without end.', input, { cause: error });
  }
  return { code: error.code, site: siteOf(error), ms };
}

function timed(decode: Decoder['decode'], input: Uint8Array): { readonly ms: number; readonly error?: unknown } {
  const start = performance.now();
  try {
    decode(input);
  } catch (error) {
    return { ms: performance.now() - start, error };
  }
  return { ms: performance.now() - start };
}

/** Where it was thrown, and from where that was called: the lines of the stack. */
function siteOf({ code, stack = '' }: X509Error): string {
  const places = stack.match(/[\w-]+\.ts:\d+:\d+/g) ?? [];
  return `${code} ${places.slice(1, 6).join(' ')}`;
}

/** Roughly what it is: how many elements, how long. */
function shapeOf(input: Uint8Array): string {
  const elements = parseTree(input)?.size ?? 0;
  return `accepted ${Math.floor(Math.log2(1 + elements) * 2)} ${Math.floor(Math.log2(1 + input.length))}`;
}
