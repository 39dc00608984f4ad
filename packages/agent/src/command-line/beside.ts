// The files beside the agent's own, each loaded when it is needed: what is imported here is not in the file of the agent but a file next to
// it, `windlass-agent-NAME.mjs`. @see decisions/0020
import type * as doctor from '../doctor/doctor.ts';
import type { ProbesFile } from '../open-agent.ts';
import type { Parts } from '../parts.ts';
import type * as portal from '../portal/portal.ts';
import type { ProxyOptions, ProxyRoutes } from '../proxies/proxies.ts';
import type * as run from '../run/run.ts';
import { ConfigError } from './config/members.ts';

/** What a thread is started with that evaluates a PAC file. */
export const PAC_ENGINE = new URL('./windlass-agent-pac.mjs', import.meta.url);

/** Loads what tries endpoints. Rejects where it is not there, which the warning says. */
export async function loadProbes(warn: (text: string) => void): Promise<ProbesFile> {
  try {
    return await import('../probes/probes.ts');
  } catch (error) {
    warn(`endpoints cannot be tried, and no new profile that requires one is kept: ${reasonOf(error)}`);
    throw error;
  }
}

/** Loads the doctor. @throws ConfigError */
export function loadDoctor(): Promise<typeof doctor> {
  return needed('doctor', import('../doctor/doctor.ts'));
}

/** Loads what asks again and again. @throws ConfigError */
export function loadRun(): Promise<typeof run> {
  return needed('run', import('../run/run.ts'));
}

/** Loads what asks the network itself about a portal; null where it is not there: then a portal is told by its pages alone. */
export function loadPortal(): Promise<typeof portal | null> {
  return import('../portal/portal.ts').catch(() => null);
}

/** What the command cannot do without. */
async function needed<T>(name: string, file: Promise<T>): Promise<T> {
  try {
    return await file;
  } catch (error) {
    throw new ConfigError(`windlass-agent-${name}.mjs belongs beside the agent: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Routes through explicit proxies where one is named, by a file that is loaded then. Where it is not there, which the warning says, every peer
 * is reached straight.
 */
export function createLazyRoutes(parts: Parts, options: ProxyOptions, warn: (text: string) => void): ProxyRoutes {
  const { explicit, environment, held, pac, path } = options;
  let loading: Promise<ProxyRoutes | null> | undefined;
  const load = async (): Promise<ProxyRoutes | null> => {
    try {
      return (await import('../proxies/proxies.ts')).createRoutes(parts, options);
    } catch (error) {
      warn(`no explicit proxy is asked: ${reasonOf(error)}`);
      return null;
    }
  };
  const whereNamed = async (): Promise<ProxyRoutes | null | undefined> => {
    if (explicit || pac || environment.http || environment.https || held().length > 0) loading ??= load();
    return loading;
  };
  return {
    first: async (target) => (await whereNamed())?.first(target) ?? null,
    async open(attempt, target) {
      const routes = await whereNamed();
      return routes ? routes.open(attempt, target) : parts.openStraight(attempt, path, target);
    },
    learn(target, cause) {
      loading?.then((routes) => routes?.learn(target, cause));
    },
    forget() {
      // Another process may have learned it, so the file is loaded for that; whoever opens a route after this waits for it too.
      void whereNamed().then((routes) => routes?.forget());
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
}
