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

/** Of the script's heap. */
const MAX_MEMORY_BYTES = 8 * 1024 * 1024;
const MAX_STACK_BYTES = 256 * 1024;
/** Of computing; who waits for a name does not compute. */
const MAX_CPU_MS = 500;
const MAX_RESULT_CHARACTERS = 1_024;

/** What the file says of the peer, or why it says nothing. Nothing of its errors is repeated: it is anybody's text. */
export async function runScript(
  { script, url, host }: Pick<PacJob, 'script' | 'url' | 'host'>,
  functions: PacFunctions,
): Promise<PacMessage> {
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = engine.newRuntime({ memoryLimitBytes: MAX_MEMORY_BYTES, maxStackSizeBytes: MAX_STACK_BYTES });
  const isOver = interruptAfter(runtime, MAX_CPU_MS);
  const context = runtime.newContext();
  for (const [name, call] of Object.entries(functions)) define(context, name, call);
  const loaded = context.evalCode(script, 'pac');
  if (loaded.error) return { kind: 'fault', fault: faultOf(context, loaded.error, isOver()) };
  const find = ['FindProxyForURLEx', 'FindProxyForURL']
    .map((name) => context.getProp(context.global, name))
    .find((handle) => context.typeof(handle) === 'function');
  if (!find) return { kind: 'fault', fault: 'no-function' };
  const asked = context.callFunction(find, context.undefined, context.newString(url), context.newString(host));
  if (asked.error) return { kind: 'fault', fault: faultOf(context, asked.error, isOver()) };
  const type = context.typeof(asked.value);
  if (type !== 'string') return { kind: 'fault', fault: 'no-text' };
  const length = context.getProp(asked.value, 'length');
  if (context.getNumber(length) > MAX_RESULT_CHARACTERS) return { kind: 'fault', fault: 'result-too-long' };
  return { kind: 'result', text: context.getString(asked.value) };
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

/** What this thread has computed, in milliseconds; on Nodes that do not say so, the time that passed. */
function spent(): number {
  if (!process.threadCpuUsage) return performance.now();
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

function faultOf(context: QuickJSContext, error: QuickJSHandle, isOver: boolean): PacFault {
  if (isOver) return 'too-long';
  const message = context.getProp(error, 'message');
  const text = context.typeof(message) === 'string' ? context.getString(message) : '';
  return /out of memory/.test(text) ? 'too-much-memory' : 'script';
}
