// What a signing certificate of this protocol is for, and the names it must have. @see spec section 1
import type { SignerRole } from './algorithms.ts';

const ARC = '2.25.253403436449784854204672248200112754133';

/** Extended key usages of the signers. @see spec K3 */
export const PURPOSE: Readonly<Record<Exclude<SignerRole, 'device'>, string>> = {
  'claim-authority': `${ARC}.1`,
  responder: `${ARC}.2`,
  publisher: `${ARC}.3`,
};

/** The one URI in a publisher's certificate. @see spec K4 */
export function publisherUri(service: string, organization: string): string {
  return `windlass://${service}/organizations/${organization}`;
}
