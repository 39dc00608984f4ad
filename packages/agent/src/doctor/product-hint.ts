// Which product made a page or a certificate: a guess by the words that it leaves, to be told as one ("looks like").

/** By what each shows: the issuer that it ships with, its header fields, its pages. The first that fits counts. */
const PRODUCTS: readonly (readonly [string, RegExp])[] = [
  ['Zscaler', /zscaler/i],
  ['FortiGate', /forti(gate|guard|net|proxy|wifi)/i],
  ['Palo Alto Networks', /palo ?alto|pan-?os|global ?protect/i],
  ['Netskope', /netskope|goskope/i],
  ['Sophos', /sophos|astaro/i],
  ['Forcepoint', /forcepoint|websense/i],
  ['Cisco', /cisco|umbrella|ironport/i],
  ['Check Point', /check ?point/i],
  ['Symantec (Blue Coat)', /blue ?coat|symantec|broadcom/i],
  ['Barracuda', /barracuda/i],
  ['SonicWall', /sonicwall/i],
  ['WatchGuard', /watchguard/i],
  ['Juniper', /juniper|\bsrx\b/i],
  ['McAfee (Skyhigh)', /mcafee|skyhigh|trellix/i],
  ['iboss', /\biboss\b/i],
  ['Smoothwall', /smoothwall/i],
  ['Untangle', /untangle|edge threat management/i],
  ['OPNsense or pfSense', /opnsense|pfsense/i],
  ['mitmproxy', /mitmproxy/i],
  ['Squid', /\bsquid\b/i],
  ['tinyproxy', /tinyproxy/i],
];

/** The product that one of `texts` reminds of, or null. */
export function productHint(texts: readonly string[]): string | null {
  return PRODUCTS.find(([, words]) => texts.some((text) => words.test(text)))?.[0] ?? null;
}
