// The file `windlass-agent-run.mjs`, beside the core: the agent as a service of the device, which asks again and again.
export { createNetworkWatch } from './network-watch.ts';
export { createRun, type RunCore, type RunOptions } from './run-agent.ts';
export { type Happening, SUPERVISOR_START, step } from './supervisor.ts';
