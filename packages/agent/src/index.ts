// What others may use of the agent in their own process.

export type { Agent, Identity } from './agent.ts';
export { bootstrap } from './bootstrap.ts';
export { HELP, runCommand, type Terminal } from './commands.ts';
export { type AgentConfig, readConfig } from './config.ts';
export { ConfigError } from './config-members.ts';
export { type OpenOptions, openAgent } from './open-agent.ts';
export type * from './ports.ts';
export type { Result } from './result.ts';
