// All trust stores of the device together: filled with what the state says, and asked what that is worth.
import { keysOf, type Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { StoreReceipt } from './ports.ts';
import { codeOf } from './transport/path-error.ts';

/** Every store holds what the state says; a receipt for each that cannot be written, `detail` being the code of the system. */
export function fillStores({ stores }: Agent, standing: Standing): readonly StoreReceipt[] {
  return stores.flatMap((store): StoreReceipt[] => {
    try {
      store.write(standing);
      return [];
    } catch (error) {
      const { name, kind } = store;
      return [{ name, kind, state: 'not-managed', scopeEnforced: false, anchors: [], detail: codeOf(error) }];
    }
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
