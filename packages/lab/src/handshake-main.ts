/**
 * One TLS handshake with whoever answers, in a process of its own: the least that any program on a device could do.
 * `node handshake-main.js HOST PORT SERVERNAME [PROXY-HOST PROXY-PORT [USER:PASSWORD]]`
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';

const [host = '', port = '', servername = '', proxyHost, proxyPort, credentials] = process.argv.slice(2);

if (proxyHost === undefined) shakeHands(connectTcp(Number(port), host));
else {
  const socket = connectTcp(Number(proxyPort), proxyHost);
  const login = credentials ? `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n` : '';
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n${login}\r\n`);
  // The proxy's answer may come in parts; nothing else comes before our hello.
  let head = '';
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    socket.off('data', read).pause();
    shakeHands(socket);
  };
  socket.on('data', read);
  socket.once('error', fail);
}

// Whom the proxy shows is no matter here; only how long it takes.
function shakeHands(socket: Socket): void {
  // The curves that the agent offers: the first hello fits into one packet, which some boxes need.
  const tls = connect({ socket, servername, rejectUnauthorized: false, ecdhCurve: 'X25519:P-256:P-384' }, () =>
    tls.destroy(),
  );
  tls.on('error', fail);
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
