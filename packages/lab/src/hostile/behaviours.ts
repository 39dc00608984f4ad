/** Everything the faulty proxy can be told to do wrong, in one place and by one name each. */

/** Name -> what then happens. Several can be on at once, as far as they make sense together. */
export const behaviours = {
  // Before and during TLS
  'hang-after-accept': 'accepts the TCP connection and says nothing',
  'reset-after-accept': 'resets the TCP connection as soon as it is open',
  'leaf-only-chain': 'sends the leaf without any CA',
  'chain-with-root-and-duplicates': 'sends its CA twice and the root twice',
  'expired-leaf': 'the leaf ended ten minutes ago',
  'not-yet-valid-leaf': 'the leaf begins in two days',
  'wrong-name-leaf': 'the leaf is for another name',
  'leaf-without-key-identifiers': 'the leaf has neither authority nor subject key identifier',
  'self-signed-leaf': 'the leaf is signed by its own key, no CA involved',
  'ecdsa-leaf': 'the leaf has a P-256 key',
  'twin-ca': 'signs with a second CA that has the same subject and another key',
  'distrusted-issuer': 'signs with a "Not trusted by" CA, as boxes do that do not trust the origin',
  'tls12-only': 'speaks nothing newer than TLS 1.2',
  'alpn-fatal': 'ends the handshake when the client offers ALPN',
  'strips-client-certificate': 'asks for the client certificate, takes it, and the origin never sees one',
  'hang-after-handshake': 'completes TLS, then neither reads nor answers',
  'reset-after-handshake': 'completes TLS, then resets the TCP connection',
  // Requests
  'refuse-chunked-requests': 'answers 411 to a request with chunked body',
  'hang-after-request': 'reads the request and never answers',
  // Answers made by the box
  'block-page-200': 'answers 200 with an HTML block page',
  'block-page-403': 'answers 403 with an HTML block page',
  'block-page-503': 'answers 503 with an HTML block page',
  'portal-511': 'answers 511 with the HTML page of a portal',
  'redirect-to-portal': 'answers 302 to a captive portal and sets a cookie',
  'replay-old-answer': 'serves the last answer it recorded for the same target instead of asking the origin',
  'swap-answers': 'asks the origin, but serves the last answer it recorded for a request with another body',
  // Answers of the origin, changed
  'status-500': 'the origin’s answer under status 500',
  'empty-body': 'the origin’s status and headers, no body',
  'injected-html': 'appends HTML to the body and corrects its length',
  'gzip-body': 'compresses the body although nobody asked for it',
  'unknown-coding': 'says that the body has a content coding that nobody knows',
  'lower-cased-headers': 'all header names in lower case',
  'removed-headers': 'no header but the length and Connection',
  'truncated-body': 'declares the whole length, sends half, closes',
  'chunked-answer': 'sends the body in chunks of 100 bytes, without Content-Length',
  'http10-answer': 'answers HTTP/1.0, the body ends where the connection ends',
  'headerless-answer': 'sends the body alone: no status line, no header',
  'slow-drip': 'sends the answer a few bytes at a time',
  // The explicit entrance
  'proxy-authentication': 'answers 407 with Basic until the credentials come',
  'proxy-negotiate': 'answers 407 with Negotiate and NTLM, whatever comes',
  'bad-password-401': 'answers a wrong password with 401 over HTTP/1.0 and closes; with proxy-authentication',
  'connect-443-only': 'answers 403 to CONNECT to any port but 443',
} as const;

export type Behaviour = keyof typeof behaviours;

/** The behaviour of that name. @throws one sentence that lists the names when there is none. */
export function parseBehaviour(name: unknown): Behaviour {
  const known = Object.keys(behaviours) as Behaviour[];
  const found = known.find((behaviour) => behaviour === name);
  if (!found) throw new Error(`unknown behaviour; known are: ${known.join(', ')}`);
  return found;
}
