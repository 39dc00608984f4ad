// What others may use of the agent in their own process: the core with the run, the reader of the command line's configuration, and what is carried by hand.

export { acceptByHand, type CarriedResult, requestByHand } from './carry.ts';
export { type ReadConfig, readConfig } from './command-line/config/config.ts';
export { ConfigError } from './command-line/config/members.ts';
export * from './core.ts';
export * from './run/run.ts';
