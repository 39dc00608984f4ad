// Who counts as one client where something is counted per address.
import { parseIp } from '@windlass/x509';

const IPV6_PREFIX_BYTES = 8;
const IPV4_BYTES = 4;
const MAPPED_PREFIX = '00000000000000000000ffff';

/** One text for each client: of an IPv4 address, also one mapped into IPv6, all of it; of IPv6 the /64, which is what one client has. */
export function clientOf(address: string): string {
  const bytes = parseIp(address.replace(/%.*$/, ''));
  if (bytes === undefined) return address;
  const hex = Buffer.from(bytes).toString('hex');
  if (hex.startsWith(MAPPED_PREFIX) && bytes.length > IPV4_BYTES) return hex.slice(-2 * IPV4_BYTES);
  return hex.slice(0, 2 * IPV6_PREFIX_BYTES);
}
