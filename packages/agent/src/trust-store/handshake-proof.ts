// The proof that a PEM file works for programs on Node's own TLS: a handshake with the service, by the same route, with that file as the
// only trust, validated by OpenSSL and not by us.
import { connect, type SecureContextOptions } from 'node:tls';
import { startAttempt } from '../transport/attempt.ts';
import { asPathError } from '../transport/path-error.ts';
import { deadlinesOf, openRoute, type PathOptions } from '../transport/route.ts';

/** A handshake with `service` that trusts `pem` alone; why it failed, in a few words, or null. */
export async function proveByHandshake(
  path: PathOptions,
  service: { host: string; port: number },
  pem: string,
): Promise<string | null> {
  const attempt = startAttempt(deadlinesOf(path));
  try {
    const socket = await openRoute(attempt, path, service);
    return await attempt.phase<string | null>('tls', (done, fail) => {
      // OpenSSL takes an anchor that is not self-signed only by this option, which Node has from 20.18 and 22.9 on.
      const partial = { allowPartialTrustChain: true } as SecureContextOptions;
      const options = { ...partial, socket, servername: service.host, ca: pem, rejectUnauthorized: false };
      const tls = attempt.own(connect(options));
      tls.on('error', fail);
      tls.on('close', () => fail(new Error('closed')));
      tls.once('secureConnect', () =>
        done(tls.authorized ? null : `Node's TLS refuses it: ${String(tls.authorizationError)}`),
      );
    });
  } catch (error) {
    const { reason, stage } = asPathError(error, 'tls');
    return `no handshake to prove it by: ${stage}, ${reason}`;
  } finally {
    attempt.end();
  }
}
