// What a program of this runtime would say: a handshake by Node's own TLS with a trust store's file, for the store's receipt.
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { startAttempt } from './attempt.ts';
import { codeOf, expectPathError } from './path-error.ts';
import { deadlinesOf, type HostPort, openRoute, type PathOptions } from './route.ts';

/** `code`: 'ok', Node's or OpenSSL's code of the refusal (e.g. `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`), or why the path broke (e.g. `timeout`). */
export interface NativeObservation {
  readonly ok: boolean;
  readonly code: string;
}

/**
 * Tells whether Node's TLS, with `bundle` (PEM) as its only trust and partial chains allowed, accepts `target` on this path, at the
 * system clock's time. Sends nothing. Never rejects.
 */
export async function observeNative(path: PathOptions, target: HostPort, bundle: string): Promise<NativeObservation> {
  const attempt = startAttempt(deadlinesOf(path));
  try {
    const socket = await openRoute(attempt, path, target);
    await attempt.phase<void>('tls', (done, fail) => {
      const name = isIP(target.host) ? {} : { servername: target.host };
      const tls = attempt.own(
        connect({ socket, host: target.host, ...name, ca: [bundle], allowPartialTrustChain: true }),
      );
      tls.on('error', fail);
      tls.once('secureConnect', () => done());
    });
    return { ok: true, code: 'ok' };
  } catch (thrown) {
    const error = expectPathError(thrown);
    return { ok: false, code: codeOf(error.cause) || error.reason };
  } finally {
    attempt.end();
  }
}
