/**
 * A name server as resolvers of captive portals and filters are: `node name-server-main.js HOST PORT ANSWER`. Answers every name with
 * the IPv4 address ANSWER, or with NXDOMAIN where ANSWER is `none`. UDP only. Prints `ready` when it listens. Ends on SIGTERM.
 */
import { createSocket } from 'node:dgram';

const [host = '127.0.0.1', port = '53', answer = 'none'] = process.argv.slice(2);
const headerBytes = 12;
/** RFC 1035 section 3.2.2. */
const typeA = 1;
/** Response, recursion desired and available; the same with NXDOMAIN. RFC 1035 section 4.1.1. */
const flags = { found: 0x8180, unknown: 0x8183 };

const socket = createSocket('udp4');
socket.on('message', (query, from) => socket.send(answerTo(query), from.port, from.address));
socket.bind(Number(port), host, () => console.log('ready'));
process.once('SIGTERM', () => socket.close());

function answerTo(query: Buffer): Buffer {
  const question = query.subarray(headerBytes, query.indexOf(0, headerBytes) + 5);
  const isFound = answer !== 'none';
  const answers = isFound && question.readUInt16BE(question.length - 4) === typeA ? [addressRecord(answer)] : [];
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(isFound ? flags.found : flags.unknown, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question, ...answers]);
}

/** For the name of the question, for ten seconds. */
function addressRecord(address: string): Buffer {
  return Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 10, 0, 4, ...address.split('.').map(Number)]);
}
