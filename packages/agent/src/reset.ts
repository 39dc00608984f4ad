// Factory reset of our part: no anchor of ours is left, and what protects against replay and rollback stays.
import type { Digest, OrganizationId } from '@windlass/protocol';
import { keysOf } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { StoreReceipt } from './ports.ts';
import { withoutHolding } from './state/store.ts';
import { fillStores } from './stores.ts';
import { standingNow } from './visit.ts';

export interface Reset {
  /** Whom the device belonged to. */
  readonly organization: OrganizationId | null;
  /** SPKI digests of the anchors that were dropped. */
  readonly removed: readonly Digest[];
  /** Stores that could not be written: what they hold is not known. */
  readonly unwritten: readonly StoreReceipt[];
}

/** Claim and profiles are forgotten and no store has an anchor of ours; highest numbers, counter and time stay. @see spec C3, C4 */
export function resetAgent(agent: Agent): Reset {
  const before = standingNow(agent);
  agent.state.commit(withoutHolding(agent.state.current)); // spec C3, C4
  const unwritten = fillStores(agent, standingNow(agent)); // spec C4
  return { organization: before.organization, removed: keysOf(before), unwritten };
}
