/** The runtimes that a device's programs are written for, each validating a TLS peer by one PEM file, as its makers document it. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cloudNames } from './address-plan.ts';
import { runCommand } from './run-command.ts';
import {
  askWithCurl,
  publishWithMosquitto,
  type Run,
  type StockResult,
  shakeHandsWithOpenssl,
  verdictOf,
} from './stock-clients.ts';
import { splitPem } from './test-pki.ts';

export const runtimeNames = [
  'curl',
  'openssl',
  'node',
  'node --use-openssl-ca',
  'python3',
  'mosquitto',
  'java',
] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** What a runtime says of https://app.example/ (mosquitto: of the broker) by this file alone; null where it is not installed. */
export async function tryRuntime(name: RuntimeName, run: Run, caFile: string): Promise<StockResult | null> {
  const target = { name: cloudNames.application, port: 443, caFile };
  switch (name) {
    case 'curl':
      return askWithCurl(run, target);
    case 'openssl':
      return shakeHandsWithOpenssl(run, target);
    case 'node':
      return verdictOf(await run(nodeArgv([]), { env: { NODE_EXTRA_CA_CERTS: caFile, ...noProxy } }));
    case 'node --use-openssl-ca':
      return verdictOf(await run(nodeArgv(['--use-openssl-ca']), { env: { SSL_CERT_FILE: caFile, ...onlyFile } }));
    case 'python3':
      if (!(await isInstalled('/usr/bin/python3'))) return null;
      return verdictOf(
        await run(['/usr/bin/python3', '-c', pythonProgram], { env: { SSL_CERT_FILE: caFile, ...onlyFile } }),
      );
    case 'mosquitto':
      return publishWithMosquitto(run, { name: cloudNames.broker, port: 8883, caFile });
    case 'java':
      return (await isInstalled('keytool')) ? tryJava(run, caFile) : null;
  }
}

const noProxy = { HTTPS_PROXY: '', https_proxy: '' } as const;
/** OpenSSL reads a directory of its own beside the file otherwise. */
const onlyFile = { SSL_CERT_DIR: '/nonexistent', ...noProxy } as const;
const url = `https://${cloudNames.application}/`;

const nodeProgram = `require('node:https').get('${url}', (answer) => { answer.resume(); console.log(answer.statusCode); process.exitCode = answer.statusCode === 200 ? 0 : 1 }).on('error', (error) => { console.error(error.code); process.exitCode = 1 })`;
const pythonProgram = `import ssl, urllib.request; print(urllib.request.urlopen('${url}', timeout=10, context=ssl.create_default_context()).status)`;

function nodeArgv(options: readonly string[]): readonly string[] {
  return [process.execPath, ...options, '-e', nodeProgram];
}

/** As docs/device.md has it: a store of its own, with every certificate of the file. */
async function tryJava(run: Run, caFile: string): Promise<StockResult> {
  const pem = await readFile(caFile, 'utf8');
  // Another content needs another store: keytool adds to what is there.
  const base = join(dirname(caFile), `java-${createHash('sha256').update(pem).digest('hex').slice(0, 12)}`);
  const store = `${base}.p12`;
  const password = ['-keystore', store, '-storepass', 'changeit', '-noprompt'];
  for (const [index, certificate] of splitPem(pem).entries()) {
    const file = `${base}-${index}.pem`;
    await writeFile(file, certificate);
    await runCommand(['keytool', '-importcert', '-alias', `ca-${index}`, '-file', file, ...password]);
  }
  const source = join(dirname(caFile), 'Ask.java');
  await writeFile(source, javaProgram);
  const trust = [`-Djavax.net.ssl.trustStore=${store}`, '-Djavax.net.ssl.trustStorePassword=changeit'];
  return verdictOf(await run(['java', ...trust, source], { deadlineMs: 60_000 }));
}

const javaProgram = `public class Ask {
  public static void main(String[] arguments) throws Exception {
    var connection = (java.net.HttpURLConnection) new java.net.URL("${url}").openConnection();
    connection.setConnectTimeout(10000);
    connection.setReadTimeout(10000);
    System.out.println(connection.getResponseCode());
  }
}
`;

function isInstalled(program: string): Promise<boolean> {
  return runCommand([program, '--help']).then(
    () => true,
    () => false,
  );
}
