/** One TLS handshake with whoever answers, in a process of its own: the least that any program on the device could do. */
import { connect } from 'node:tls';

const [host = '', port = '', servername = ''] = process.argv.slice(2);
// Whom the proxy shows is no matter here; only how long it takes.
const socket = connect({ host, port: Number(port), servername, rejectUnauthorized: false }, () => socket.end());
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
