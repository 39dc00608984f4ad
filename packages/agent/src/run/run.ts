// The file `windlass-agent-run.mjs`, beside the core: the agent as a service of the device, which asks again and again.

export { keepRunning, type Shift, type ShiftMemory, type ShiftOrder } from './keep-running.ts';
export { createNetworkWatch } from './network-watch.ts';
export { createRun, type RunOptions } from './run-agent.ts';
export { createSteps, type RunCore, type Steps, type Waiting } from './steps.ts';
export { type Happening, SUPERVISOR_START, step } from './supervisor.ts';
export { createSleep } from './wait.ts';
