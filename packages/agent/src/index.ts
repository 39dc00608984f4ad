// What others may use of the agent in their own process: the core, and the command line over it.

export { acceptByHand, type CarriedResult, requestByHand } from './carry.ts';
export { HELP, runCommand, type Terminal } from './command-line/commands.ts';
export { type ReadConfig, readConfig } from './command-line/config/config.ts';
export { ConfigError } from './command-line/config/members.ts';
export * from './core.ts';
export * from './run/run.ts';
