// The way to a PostgreSQL server over a network: a TLS relay in front of the test's own server stands for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PostgresServer } from '../postgres-server.ts';
import { describePostgres } from '../testing/each-engine.ts';
import { opensslCertificate } from '../testing/management-fixture.ts';
import { openDatabase } from './database.ts';
import { DEVICE_DATABASE } from './device-schema.ts';

/** A server for `localhost` that signed itself. */
const { pem, keyPem } = opensslCertificate({
  commonName: 'localhost',
  extensions: ['subjectAltName=DNS:localhost', 'basicConstraints=critical,CA:TRUE'],
});

describePostgres((cluster) => {
  let relay: Server;
  let directory = '';
  let authority = '';
  let address: PostgresServer;
  const sockets = new Set<Socket>();
  let says: 'S' | 'N' = 'S';

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'windlass-postgres-tls-'));
    authority = join(directory, 'ca.pem');
    writeFileSync(authority, pem);
    const behind = await cluster().createDatabase();
    says = 'S';
    relay = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      // The driver asks for TLS in eight bytes; then either speaks TLS, or nobody does.
      socket.once('data', () => {
        socket.write(says);
        if (says === 'N') return;
        const inner = new TLSSocket(socket, { isServer: true, key: keyPem, cert: pem });
        const server = connect(join(behind.host, `.s.PGSQL.${behind.port}`));
        for (const end of [inner, server]) end.on('error', () => undefined);
        inner.pipe(server).pipe(inner);
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const at = relay.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    address = { ...behind, host: 'localhost', port, tls: { authority } };
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await new Promise((resolve) => relay.close(resolve));
    rmSync(directory, { recursive: true });
  });

  test('a certificate that is valid for the host: connected', async () => {
    await (await openDatabase(address, DEVICE_DATABASE, 'create')).close();
  });

  test('one of an unknown CA, for another host, by address, or of no server: refused with what to do', async () => {
    const untrusted = /shows a TLS certificate that is not valid for it: name its CA with sslrootcert=FILE/;
    await expect(openDatabase({ ...address, tls: { authority: null } }, DEVICE_DATABASE, 'create')).rejects.toThrow(
      untrusted,
    );
    await expect(openDatabase({ ...address, host: '127.0.0.1' }, DEVICE_DATABASE, 'create')).rejects.toThrow(untrusted);
    const missing = { ...address, tls: { authority: join(directory, 'none.pem') } };
    await expect(openDatabase(missing, DEVICE_DATABASE, 'create')).rejects.toThrow(/none.pem cannot be read: check/);
    says = 'N';
    await expect(openDatabase(address, DEVICE_DATABASE, 'create')).rejects.toThrow(
      /has no TLS: give the server a certificate/,
    );
  });
});
