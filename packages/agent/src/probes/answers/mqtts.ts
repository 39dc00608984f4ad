// MQTT: a CONNACK of any code.
import type { TLSSocket } from 'node:tls';
import type { Probing } from '../probe-endpoint.ts';
import { firstBytes } from './first-bytes.ts';

const MQTT = {
  /** MQTT 3.1.1 section 3.1: clean session, keep alive 10 s, client identifier `windlass`, no credentials. */
  hello: Buffer.from('\x10\x14\x00\x04MQTT\x04\x02\x00\x0a\x00\x08windlass', 'latin1'),
  /** MQTT 3.1.1 section 3.2.1: type and length of a CONNACK, then two bytes. */
  answers: ['2002....'],
  /** DISCONNECT */
  bye: Buffer.from([0xe0, 0x00]),
};

/** @throws PathError of the stage `first-byte` */
export function mqttAnswer({ attempt }: Probing, socket: TLSSocket): Promise<void> {
  return firstBytes(attempt, socket, MQTT);
}
