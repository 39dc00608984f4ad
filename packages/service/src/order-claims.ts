// Claims of a whole order: the operator of the service says whose it is, and the devices of the manifest with that order number are claimed,
// some at a time. @see decisions/0006
import type { OrderClaims } from '@windlass/management';
import { changeOwner, claimState } from './claims.ts';
import { type Actor, type Management, perform } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import { findNamedNetwork } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { Refusal, refuseUnless } from './refusal.ts';

/** As many as are signed while others wait. */
const BATCH_CLAIMS = 50;

/**
 * Devices of the order that nobody owns belong to the organization; `more` says whether some are left. Those that need a label proof stay nobody's:
 * each needs its own.
 * @throws Refusal `not-found` (organization, network, order), `claim-refused` (sold to another organization); SignerError
 */
export async function claimOrder(
  management: Management,
  actor: Actor,
  input: { readonly order: string; readonly organization: string; readonly network?: string },
): Promise<OrderClaims> {
  const { order } = input;
  const unproved = await management.store.tables.manifests.unprovedOf(order);
  const left = await management.store.tables.manifests.unclaimedOf(order, 1);
  if (left.length === 0) {
    const [known] = await management.store.tables.manifests.page({ order, after: null, limit: 1 });
    const sentence = `No manifest has the order number ${order}: import it first, or check the number.`;
    refuseUnless(known !== undefined, 'not-found', sentence);
    return { claimed: [], more: false, unproved };
  }
  return perform(management, actor, 'claim.order', async (tables, now) => {
    const owner = await findOrganization(tables, input.organization);
    const network = await findNamedNetwork(tables, owner.name, input.network);
    const nameOf = await manufacturerNames(tables, []);
    const found = await tables.manifests.unclaimedOf(order, BATCH_CLAIMS + 1);
    const devices = found.slice(0, BATCH_CLAIMS);
    const [befores, afters]: [unknown[], unknown[]] = [[], []];
    for (const { manufacturer, serial, organization } of devices) {
      if (organization !== null && organization !== owner.name) {
        throw new Refusal(
          'claim-refused',
          `Device ${serial} of order ${order} was sold to ${organization}: claim the order for them.`,
        );
      }
      const before = await tables.claims.current(manufacturer, serial);
      const device = { manufacturer: { keyDigest: manufacturer, name: nameOf(manufacturer) }, serial };
      const row = await changeOwner({ management, tables, now }, device, { owner, network, before });
      befores.push(before === null ? { serial } : { serial, ...claimState(before) });
      afters.push({ serial, ...claimState(row) });
    }
    const claimed = devices.map(({ serial }) => serial);
    const change = { before: { devices: befores }, after: { devices: afters } };
    const result = { claimed, more: found.length > BATCH_CLAIMS, unproved };
    return { result, organization: owner.name, object: `order ${order}`, detail: { order, network, claimed }, change };
  });
}
