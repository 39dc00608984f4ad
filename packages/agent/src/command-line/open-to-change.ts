// The agent of whoever changes something, which is one at a time: the caller has the locks.
import type { Agent, AgentEvent } from '../agent.ts';
import type { LearnedRoutes } from '../proxies/proxies.ts';
import { fillStores } from '../stores.ts';
import { standingNow } from '../visit.ts';
import type { ReadConfig } from './config/config.ts';
import { formerPaths, purgeFormer } from './former-bundles.ts';
import { openWithRoutes } from './open-with-routes.ts';
import { storeDetail } from './sentences.ts';
import { clockSetter } from './set-clock.ts';

interface ChangeOptions {
  tell(event: AgentEvent): void;
  /** A warning for people. */
  warn(text: string): void;
  /** How it went to set the system's clock. */
  say(line: string): void;
  /** Of an earlier process; changes. */
  readonly learned?: LearnedRoutes;
}

/** Its events set the system's clock first, where that is configured. @throws as `openAgent` */
export function openToChange(
  config: Omit<ReadConfig, 'warnings'>,
  { tell, warn, say, ...earlier }: ChangeOptions,
): Agent {
  const { setSystemClock: command } = config;
  const setClock = command && clockSetter({ command, fault: () => agent.clock.fault(), say });
  const told = (event: AgentEvent): void => {
    setClock?.(event);
    tell(event);
  };
  const { agent }: { agent: Agent } = openWithRoutes(config, { tell: told, change: 'allowed', ...earlier }, warn);
  return agent;
}

/** Whatever happened when they were written last: the stores have what the state says, and bundles of before have nothing of ours. */
export function tidyStores(
  agent: Agent,
  { trustStores }: Pick<ReadConfig, 'trustStores'>,
  warn: (text: string) => void,
): void {
  fillStores(agent, standingNow(agent));
  for (const store of purgeFormer(formerPaths(agent.state, trustStores)))
    warn(`trust store ${store.name} ${storeDetail(store)}.`);
}
