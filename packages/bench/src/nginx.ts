/** nginx as a peer: a full TLS handshake with certificates on both sides, and next to nothing as answer. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureDebianPackages,
  listensOn,
  type RunningProcess,
  type ServerCertificate,
  startProcess,
  writeSecret,
} from '@windlass/lab';

export type NginxVerdict =
  | { readonly kind: 'ready'; readonly program: string }
  | { readonly kind: 'missing'; readonly reason: string };

const programs = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'];

/** Where nginx is; on Debian, as root, it is installed first (no service is started). */
export async function findNginx(): Promise<NginxVerdict> {
  const present = await firstPresent();
  if (present !== undefined) return { kind: 'ready', program: present };
  const installed = await ensureDebianPackages(['nginx-light']);
  const program = installed.kind === 'ready' ? await firstPresent() : undefined;
  if (program !== undefined) return { kind: 'ready', program };
  return {
    kind: 'missing',
    reason: installed.kind === 'missing' ? installed.reason : 'nginx is installed but not found.',
  };
}

async function firstPresent(): Promise<string | undefined> {
  for (const program of programs) {
    const found = await access(program).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return undefined;
}

export interface NginxOptions {
  readonly program: string;
  /** Private, and not there yet. */
  readonly directory: string;
  readonly port: number;
  readonly name: string;
  readonly certificate: ServerCertificate;
  /** PEM: who issues the clients' certificates. */
  readonly clientCaPem: string;
}

/** nginx listens on 127.0.0.1, wants a client certificate, resumes no session, and answers 200 `ok`. */
export async function startNginx(options: NginxOptions): Promise<RunningProcess> {
  const { program, directory, port, certificate, clientCaPem } = options;
  await mkdir(directory, { mode: 0o700 });
  const file = (name: string): string => join(directory, name);
  await writeFile(file('server.pem'), certificate.chainPem);
  await writeSecret(file('server.key'), certificate.keyPem);
  await writeFile(file('client-ca.pem'), clientCaPem);
  await writeFile(file('nginx.conf'), configuration(options));
  return startProcess({
    name: 'nginx',
    argv: [program, '-p', directory, '-c', file('nginx.conf'), '-e', file('error.log')],
    logFile: file('nginx.log'),
    ready: listensOn(port),
  });
}

function configuration({ directory, port, name }: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${directory}/${kind};`,
  );
  // `user root` where we are root: otherwise the workers, as somebody else, could not enter the private directory.
  return `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;
worker_processes 2;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 256; }
http {
  access_log off;
${temporary.join('\n')}
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${name};
    ssl_certificate ${directory}/server.pem;
    ssl_certificate_key ${directory}/server.key;
    ssl_client_certificate ${directory}/client-ca.pem;
    ssl_verify_client on;
    ssl_verify_depth 2;
    ssl_protocols TLSv1.3;
    ssl_ecdh_curve X25519;
    ssl_session_cache off;
    ssl_session_tickets off;
    keepalive_timeout 0;
    location / { return 200 "ok\\n"; }
  }
}
`;
}
