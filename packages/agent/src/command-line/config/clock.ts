// What is known of the time, and how far the system's clock is believed.
import { parseTime } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import { AGENT_RELEASED } from '../../version.ts';
import type { Members } from './members.ts';

/** @throws ConfigError */
export function readClock(members: Members): Pick<AgentConfig, 'clock' | 'firmwareBuild'> {
  return {
    clock: members.oneOf('clock', ['untrusted', 'trusted']),
    firmwareBuild: members.parsed('firmwareBuild', parseTime, 'a time like 2026-01-31T08:00:00Z', AGENT_RELEASED),
  };
}
