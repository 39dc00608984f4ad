// The endpoint's own answer, told from that of a box in between.
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '@windlass/x509';
import { amqpAnswer } from './answers/amqps.ts';
import { httpAnswer } from './answers/https.ts';
import { mqttAnswer } from './answers/mqtts.ts';
import { webSocketAnswer } from './answers/wss.ts';
import { isDemand } from './certificate-demand.ts';
import type { Probing } from './probe-endpoint.ts';

/**
 * Returns when the endpoint has answered in its protocol: `https` any HTTP answer that is no block page, portal or 407; `wss` status 101
 * that grants this very request, and, where nobody inspects, any HTTP answer; `mqtts` a CONNACK of any code; `amqps` a method frame or
 * the header that the server speaks; `tls` at once, the handshake being the answer. The value is the status of HTTP, or 0. Through
 * `box`, what comes may be the box's. An endpoint that was reached directly and ends TLS because it wants a client certificate has
 * answered too.
 * @throws PathError of the stages `first-byte` and `body`; `http`: something else than the protocol came
 * @see spec M5
 */
export async function protocolAnswer(probing: Probing, socket: TLSSocket, box: Certificate | null): Promise<number> {
  try {
    return await ask(probing, socket, box);
  } catch (error) {
    const { cause } = probing.parts.expectPathError(error);
    if (box || !isDemand(probing, cause)) throw error;
    return 0;
  }
}

async function ask(probing: Probing, socket: TLSSocket, box: Certificate | null): Promise<number> {
  switch (probing.endpoint.protocol) {
    case 'https':
      return httpAnswer(probing, socket, box);
    case 'wss':
      return webSocketAnswer(probing, socket, box);
    case 'mqtts':
      await mqttAnswer(probing, socket);
      return 0;
    case 'amqps':
      await amqpAnswer(probing, socket);
      return 0;
    case 'tls':
      return 0;
  }
}
