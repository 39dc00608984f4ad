// Whether an endpoint demands a TLS client certificate, which the agent does not have and never sends. @see spec M6
import type { TLSSocket } from 'node:tls';
import type { Probing } from './probe-endpoint.ts';

/** How long an endpoint of which the profile says so is listened to before a byte is sent: what is sent can drown its alert. */
const QUIET_MS = 1_000;

/** Whether `fault` is an alert by which a server ends TLS with a client that has no certificate. @see RFC 5246 section 7.2.2, RFC 8446 section 6.2 */
export function isDemand({ parts }: Probing, fault: unknown): boolean {
  return /ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|CERTIFICATE_REQUIRED)$/.test(parts.codeOf(fault));
}

/** With TLS 1.3 the alert comes after the handshake. */
export function demandsCertificate(probing: Probing, socket: TLSSocket): Promise<boolean> {
  const { attempt } = probing;
  return attempt.phase<boolean>('first-byte', (done) => {
    const timer = setTimeout(done, QUIET_MS, false);
    const end = (): void => {
      clearTimeout(timer);
      done(isDemand(probing, attempt.fault));
    };
    if (socket.destroyed) end();
    else socket.on('close', end);
  });
}

/** Some HTTP servers end TLS in good order and say it then: 400 and 403 are common, 495 and 496 one server's own. */
export function isDemandingStatus(status: number): boolean {
  return [400, 403, 495, 496].includes(status);
}
