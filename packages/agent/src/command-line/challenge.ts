// What a proxy that wants to know who asks says about how.

const SCHEMES = ['Basic', 'Bearer', 'Digest', 'Negotiate', 'NTLM'] as const;

/** How an explicit proxy may want to be told who asks; Basic is the one that we speak. */
export type AuthenticationScheme = (typeof SCHEMES)[number];

/** Which of the known schemes a field Proxy-Authenticate offers. What else is in it has no name here. @see RFC 9110 section 11.7.1 */
export function schemesOf(challenge: string): readonly AuthenticationScheme[] {
  const unquoted = challenge.replace(/"[^"]*"/g, '');
  return SCHEMES.filter((scheme) => new RegExp(`(^|,)\\s*${scheme}(?![^\\s,])`, 'i').test(unquoted));
}
