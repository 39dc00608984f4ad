// AMQP: the start of a connection, or the header of the version that the server speaks.
import type { TLSSocket } from 'node:tls';
import type { Probing } from '../probe-endpoint.ts';
import { firstBytes } from './first-bytes.ts';

const AMQP = {
  /** The protocol header of AMQP 0-9-1, section 4.2.2 of its specification. */
  hello: Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'),
  /** A header with the version of the server's choice; or a method frame on channel 0, of some length, with the method Connection.Start. */
  answers: ['414d5150........', '010000........000a000a'],
};

/** @throws PathError of the stage `first-byte` */
export function amqpAnswer({ attempt }: Probing, socket: TLSSocket): Promise<void> {
  return firstBytes(attempt, socket, AMQP);
}
