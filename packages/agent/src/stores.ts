// All trust stores of the device together: filled with what the state says, and asked what that is worth.
import { keysOf, type Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { StoreReceipt, TrustStore } from './ports.ts';

/** Every store holds what the state says; a receipt for each that cannot be written. */
export function fillStores(agent: Agent, standing: Standing): readonly StoreReceipt[] {
  return agent.stores.flatMap((store) => {
    const detail = problemOf(store, standing);
    if (detail === null) return [];
    return [
      { name: store.name, kind: store.kind, state: 'not-managed' as const, scopeEnforced: false, anchors: [], detail },
    ];
  });
}

/** The same, and then what each store proves. The agent's own TLS, which enforces names and dates, is one of them. */
export async function proveStores(agent: Agent, standing: Standing): Promise<readonly StoreReceipt[]> {
  const unwritten = fillStores(agent, standing);
  const anchors = keysOf(standing);
  const receipts: StoreReceipt[] = [{ name: 'agent', kind: 'agent', state: 'effective', scopeEnforced: true, anchors }];
  for (const store of agent.stores) {
    receipts.push(unwritten.find(({ name }) => name === store.name) ?? (await store.prove(standing)));
  }
  return receipts;
}

function problemOf(store: TrustStore, standing: Standing): string | null {
  try {
    store.write(standing);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return `cannot be written (${code}), what it holds of ours is not known`;
  }
}
