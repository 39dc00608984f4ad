/** Squid (package squid-openssl) with ssl-bump: block pages, caching, rewritten headers, no ALPN. Explicit or transparent. */
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ownPrefix } from '../ownership.ts';
import { listensOn } from '../process.ts';
import { mustRun } from '../run-command.ts';
import {
  type BoxFiles,
  type BoxOptions,
  boxPorts,
  type InspectingBox,
  inUrl,
  leadTraffic,
  writeBoxFiles,
} from './box.ts';

const certificateGenerator = '/usr/lib/squid/security_file_certgen';
const allPorts = [boxPorts.explicit, boxPorts.http, boxPorts.https];

export type SquidOptions = BoxOptions & {
  /** What a client gets for an origin that squid does not trust: a block page under a valid leaf (default), or the origin behind a leaf of a CA "Not trusted by ...". */
  readonly untrustedOrigin?: 'block-page' | 'not-trusted-by';
};

// Segments in /dev/shm are named by the service, so two squids would share them, and one that is killed leaves them. `ip netns exec`
// gives each program a view of mounts of its own, which is where this one disappears with it.
const withOwnSharedMemory = ['sh', '-c', 'mount -t tmpfs squid /dev/shm && exec "$@"', 'squid'];

/** Squid inspects HTTPS on 443 (by redirect, or by CONNECT) and, when transparent, takes plain HTTP on 80 too. */
export async function startSquid(options: SquidOptions): Promise<InspectingBox> {
  const { network, mode, pki } = options;
  const files = await writeBoxFiles('squid', options);
  const home = await makeHome(files);
  const config = join(home, 'squid.conf');
  await writeFile(config, squidConfig(options, home));
  const removeHome = () => rm(home, { recursive: true, force: true });
  const squid = await network
    .start('middlebox', {
      name: 'squid',
      argv: [...withOwnSharedMemory, '/usr/sbin/squid', '-N', '-d', '1', '-f', config],
      logFile: join(files.directory, 'squid.log'),
      ready: listensOn(...(mode === 'transparent' ? allPorts : [boxPorts.explicit])),
      // It takes two seconds to end by itself, and nothing of it outlives its home.
      stopSignal: 'SIGKILL',
    })
    .catch(async (error: unknown) => {
      await removeHome();
      throw error;
    });
  const release = await leadTraffic(options, [
    { port: 80, to: boxPorts.http },
    { port: 443, to: boxPorts.https },
  ]);
  return {
    name: 'squid',
    mode,
    inspectionCa: { pem: pki.inspectionCa.certificatePem, ...files },
    ...(mode === 'explicit'
      ? { explicitProxy: { host: network.addresses.middleboxLan, port: boxPorts.explicit } }
      : {}),
    log: squid.log,
    close: async () => {
      await release();
      await squid.stop();
      await removeHome();
    },
  };
}

// Squid gives up root for the user `proxy`, who must reach its files through every parent directory: hence a home of its own.
async function makeHome(files: BoxFiles): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), `${ownPrefix()}-squid-`));
  const uid = Number(await mustRun(['id', '-u', 'proxy']));
  const gid = Number(await mustRun(['id', '-g', 'proxy']));
  const copies = [files.certificateFile, files.keyFile, files.upstreamRootsFile].map((file) => ({
    file,
    copy: join(home, basename(file)),
  }));
  for (const { file, copy } of copies) {
    await copyFile(file, copy);
    await chmod(copy, 0o600);
    await chown(copy, uid, gid);
  }
  await mustRun([certificateGenerator, '-c', '-s', join(home, 'certificates'), '-M', '4MB']);
  await mustRun(['chown', '-R', `${uid}:${gid}`, home]);
  return home;
}

function squidConfig({ network, mode, untrustedOrigin }: SquidOptions, home: string): string {
  const bump = `ssl-bump tls-cert=${home}/inspection-ca.pem tls-key=${home}/inspection-ca.key generate-host-certificates=on`;
  const intercepting = [`http_port ${boxPorts.http} intercept`, `https_port ${boxPorts.https} intercept ${bump}`];
  return [
    'visible_hostname squid.box.example',
    `http_port ${inUrl(network.addresses.middleboxLan)}:${boxPorts.explicit} ${bump}`,
    ...(mode === 'transparent' ? intercepting : []),
    `sslcrtd_program ${certificateGenerator} -s ${home}/certificates -M 4MB`,
    'sslcrtd_children 1 startup=1 idle=1 queue-size=64',
    `tls_outgoing_options cafile=${home}/upstream-roots.pem default-ca=off`,
    ...(untrustedOrigin === 'not-trusted-by' ? ['sslproxy_cert_error allow all'] : []),
    'acl first_step at_step SslBump1',
    'ssl_bump peek first_step',
    'ssl_bump bump all',
    'http_access allow all',
    'access_log none',
    'cache_log /dev/null',
    'cache_mem 8 MB',
    'memory_cache_shared off',
    'pid_filename none',
    `coredump_dir ${home}`,
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'cache_effective_user proxy',
    '',
  ].join('\n');
}
