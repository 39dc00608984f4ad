// The agent's core: what a program on a device embeds. The command line, its configuration file and its words for people are no part
// of it (command-line/). @see decisions/0005
export { unixSeconds } from '@windlass/protocol';
export { keysOf } from './active-trust.ts';
export type { Agent, AgentEvent, Identity } from './agent.ts';
export { bootstrap } from './bootstrap.ts';
export { type AgentClock, createAgentClock, machineClock } from './clock.ts';
export { deviceKeyOf } from './device-key/key-object.ts';
export { type AgentConfig, type OpenOptions, openAgent, type ProbesFile } from './open-agent.ts';
export type * from './ports.ts';
export { type Reset, resetAgent } from './reset.ts';
export type { Result } from './result.ts';
export type { RunOptions } from './run/run-agent.ts';
export type { Happening } from './run/supervisor.ts';
export { NewerStateError, OtherServiceError } from './state/agent-state.ts';
export { openState } from './state/store.ts';
export { fillStores } from './stores.ts';
export { createTransport, type TransportOptions } from './transport/create-transport.ts';
export type { Routes, Target } from './transport/route.ts';
export { type BundleOptions, createBundle } from './trust-store/bundle.ts';
export { standingNow } from './visit.ts';
