// What a command that logs somebody in says to the service: where the browser goes, and the code that comes back for a token.
import { answerOf, type ClientOptions, parseUrl, transportOf } from './client.ts';
import type { NewToken } from './people.ts';

/** Where the browser goes, so that it comes back to `port` of this machine with a code. @throws ManagementError `unreachable` (no URL) */
export function commandLoginUrl(
  url: string,
  asked: {
    readonly port: number;
    /** base64url of the SHA-256 of the verifier. @see RFC 7636 section 4.2 */
    readonly challenge: string;
    readonly organization?: string | undefined;
    readonly role?: string | undefined;
  },
): string {
  const login = new URL('/login', parseUrl(url));
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) login.searchParams.set(name, String(value));
  }
  return login.href;
}

/** The token of whoever logged in. @throws ManagementError as the client */
export async function redeemCommandLogin(
  options: Omit<ClientOptions, 'token'>,
  given: { readonly code: string; readonly verifier: string },
): Promise<NewToken> {
  const base = parseUrl(options.url);
  const headers = { accept: 'application/json, application/problem+json', 'content-type': 'application/json' };
  const request = { url: new URL('/login/command', base), method: 'POST', headers, body: JSON.stringify(given) };
  return answerOf(await transportOf(options)(request), base) as NewToken;
}
