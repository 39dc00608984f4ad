// A PAC file in QuickJS, compiled to WebAssembly: it sees the functions that it is given and nothing of Node, and has limits on memory,
// stack and time. @see decisions/0021
import variant from '@jitl/quickjs-singlefile-mjs-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from 'quickjs-emscripten-core';
import type { PacFault, PacJob, PacMessage } from './job.ts';
import type { PacFunctions, PacValue } from './pac-functions.ts';

/**
 * Of the engine's memory, of which it has 16 MiB from the start. Its own limit on a script's memory counts pieces and not their sizes where
 * it is compiled to WebAssembly, so it is the growth of the memory that is limited.
 */
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;
const MAX_STACK_BYTES = 256 * 1024;
/** Of computing. Where Node does not say what a thread has computed it is the time that passes, of which others take their part. */
const KNOWS_CPU = 'threadCpuUsage' in process;
const MAX_CPU_MS = KNOWS_CPU ? 500 : 2_000;
const MAX_RESULT_CHARACTERS = 1_024;

/** What the file says of the peer, or why it says nothing. Nothing of its errors is repeated: it is anybody's text. */
export async function runScript(
  { script, url, host }: Pick<PacJob, 'script' | 'url' | 'host'>,
  functions: PacFunctions,
): Promise<PacMessage> {
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const isFull = limitMemory(engine.getWasmMemory());
  const runtime = engine.newRuntime({ maxStackSizeBytes: MAX_STACK_BYTES });
  const isOver = interruptAfter(runtime, MAX_CPU_MS);
  const faultNow = (): PacFault => (isOver() ? 'too-long' : isFull() ? 'too-much-memory' : 'script');
  const context = runtime.newContext();
  for (const [name, call] of Object.entries(functions)) define(context, name, call);
  const loaded = context.evalCode(script, 'pac');
  if (loaded.error) return { kind: 'fault', fault: faultNow() };
  const find = ['FindProxyForURLEx', 'FindProxyForURL']
    .map((name) => context.getProp(context.global, name))
    .find((handle) => context.typeof(handle) === 'function');
  if (!find) return { kind: 'fault', fault: 'no-function' };
  const asked = context.callFunction(find, context.undefined, context.newString(url), context.newString(host));
  if (asked.error) return { kind: 'fault', fault: faultNow() };
  const type = context.typeof(asked.value);
  if (type !== 'string') return { kind: 'fault', fault: 'no-text' };
  const length = context.getProp(asked.value, 'length');
  if (context.getNumber(length) > MAX_RESULT_CHARACTERS) return { kind: 'fault', fault: 'result-too-long' };
  return { kind: 'result', text: context.getString(asked.value) };
}

/** What is used of a `WebAssembly.Memory`. */
interface GrowingMemory {
  readonly buffer: { readonly byteLength: number };
  grow(pages: number): number;
}

/** The memory grows so far and no further, which the engine takes as the end of all memory; the answer to whether it wanted more. */
function limitMemory(memory: GrowingMemory): () => boolean {
  const grow = memory.grow.bind(memory);
  let isFull = false;
  memory.grow = (pages) => {
    isFull ||= memory.buffer.byteLength + pages * PAGE_BYTES > MAX_MEMORY_BYTES;
    if (isFull) throw new RangeError();
    return grow(pages);
  };
  return () => isFull;
}

/** The runtime stops when the thread has computed so long; the answer to whether it did. */
function interruptAfter(runtime: QuickJSRuntime, limit: number): () => boolean {
  const from = spent();
  let isOver = false;
  runtime.setInterruptHandler(() => {
    isOver ||= spent() - from > limit;
    return isOver;
  });
  return () => isOver;
}

/** In milliseconds. */
function spent(): number {
  if (!KNOWS_CPU) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function define(context: QuickJSContext, name: string, call: (...given: readonly PacValue[]) => PacValue): void {
  const handle = context.newFunction(name, (...given) =>
    asHandle(context, call(...given.map((each) => valueIn(context, each)))),
  );
  context.setProp(context.global, name, handle);
}

/** Of the simple types; anything else is nothing. */
function valueIn(context: QuickJSContext, handle: QuickJSHandle): PacValue {
  switch (context.typeof(handle)) {
    case 'string':
      return context.getString(handle);
    case 'number':
      return context.getNumber(handle);
    case 'boolean':
      return context.eq(handle, context.true);
    default:
      return undefined;
  }
}

function asHandle(context: QuickJSContext, value: PacValue): QuickJSHandle {
  switch (typeof value) {
    case 'string':
      return context.newString(value);
    case 'number':
      return context.newNumber(value);
    case 'boolean':
      return value ? context.true : context.false;
    default:
      return value === null ? context.null : context.undefined;
  }
}
