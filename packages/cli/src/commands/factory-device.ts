/** `windlass factory device`: what a factory puts on a device: identity, service anchor, configuration of the agent. */
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, newCommand, parsePort } from '../command.ts';
import { shellWord } from '../connection.ts';
import { type DeviceKeyType, deviceFiles, deviceKeyTypes } from '../device-directory.ts';
import { CommandError, UsageError } from '../errors.ts';
import { readInputFile, readInputText, writeNewDirectory } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly manufacturer?: string;
  readonly serial: string;
  readonly service: string;
  readonly serviceAnchor: string;
  readonly out: string;
  readonly keyType: DeviceKeyType;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly connectTo?: readonly string[];
  readonly explicitProxy?: string;
  readonly proxyEnvironment?: boolean;
  readonly proxyAnchor?: string;
  readonly withoutProxy?: readonly string[];
  readonly proxyCredentials?: readonly string[];
  readonly pac?: string;
  readonly wpad?: boolean;
  readonly systemRoots: string;
  readonly tlsAnchor?: string;
  readonly clock: 'trusted' | 'untrusted';
  readonly selfSigned?: boolean;
  readonly labelCode?: string;
}

/** A distribution's bundle has some 200 KB. */
const rootsLimitBytes = 4_194_304;

export function factoryDevice(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'device',
    summary: 'make the files of a device, as a factory would',
    description:
      'Makes a directory with agent.json, device.pem, device.key (readable for you alone) and service-anchor.pem; with --label-code label.code too, and then the device takes no claim without a proof by whoever has the code of its label. The device knows no network and no inspection CA. Nothing that exists is overwritten.',
    examples: [
      'factory device --manufacturer ./maker --serial SN-0001 --service bootstrap.example --service-anchor ./service/service-anchor.pem --out ./device',
      "factory device --manufacturer ./maker --serial SN-0002 --service bootstrap.example --service-anchor ./service/service-anchor.pem --connect-to '*:80=127.0.0.1:8080' --out ./device-2",
    ],
  })
    .option('--manufacturer <directory>', 'what "factory manufacturer" made; needed unless --self-signed')
    .requiredOption('--serial <serial>', "the device's serial")
    .requiredOption('--service <name>', 'the DNS name of the service')
    .requiredOption('--service-anchor <file>', "the service's anchor: 1 to 4 CA certificates, PEM")
    .requiredOption('--out <directory>', 'the new directory of the device')
    .addOption(new Option('--key-type <type>', 'the key of the device').choices(deviceKeyTypes).default('p256'))
    .option('--self-signed', 'no manufacturer: a certificate by the device itself, whose key the service must be told')
    .option('--label-code <file>', 'a file with the code of its label, 26 characters or more: claims need its proof')
    .optionsGroup('The configuration of its agent:')
    .option('--http-port <number>', 'where the service listens without TLS', parsePort, 80)
    .option('--https-port <number>', 'where the service listens with TLS', parsePort, 443)
    .option(
      '--connect-to <from=to>',
      'for trials: connect elsewhere, HOST:PORT=HOST:PORT, * for any host; repeatable',
      collectRoute,
    )
    .option('--explicit-proxy <url>', 'the proxy of the network: http://10.0.0.1:3128, or https:// where it speaks TLS')
    .option('--proxy-environment', 'the proxies that https_proxy, http_proxy, all_proxy of its environment name, too')
    .option(
      '--without-proxy <peer>',
      'a name (and what is below it), .name, address or range that no proxy is asked for; repeatable',
      collect,
    )
    .option(
      '--proxy-credentials <url>',
      'user and password that this proxy gets, wherever it is named: http://user:password@10.0.0.1:3128; repeatable',
      collect,
    )
    .option('--pac <url>', 'a PAC file: http://10.0.0.1/proxy.pac or file:///etc/proxy.pac')
    .option('--wpad', 'the PAC file that the network names by DHCP or DNS')
    .option('--proxy-anchor <file>', 'CA certificates, PEM, that vouch for the TLS of proxies, beside the roots')
    .option('--system-roots <file>', "the device's own root certificates, PEM, or: node", 'node')
    .option(
      '--tls-anchor <file>',
      'CA certificates, PEM, that vouch for the TLS of the service when it is certified privately',
    )
    .addOption(
      new Option('--clock <state>', 'whether its clock is right at first start')
        .choices(['trusted', 'untrusted'])
        .default('untrusted'),
    )
    .action(async (options: Options) => {
      const made = await writeDevice(options, new Date());
      show(terminal, options, made, (device, paint) =>
        [
          `Device ${paint.bold(device.serial)} is in ${device.directory}. It trusts ${device.service} by its anchor, and knows no network.`,
          facts(paint, [
            ['certificate', device.certificate],
            ['fingerprint', device.fingerprint],
            ['key', `${device.key} (readable for you alone)`],
            ['label code', device.labelCode === null ? null : `${device.labelCode} (readable for you alone)`],
            ['agent', device.agent],
          ]),
          ...nextSteps(paint, [
            ...(device.manufacturer === null
              ? [
                  `${terminal.commandName} device register --certificate ${shellWord(device.certificate)} --dir DIRECTORY`,
                ]
              : []),
            `${terminal.commandName} claim add --serial ${shellWord(device.serial)} --organization ORGANIZATION --dir DIRECTORY`,
            `${terminal.commandName.replace(/windlass$/, 'windlass-agent')} bootstrap --config ${shellWord(device.agent)}`,
          ]),
        ].join('\n'),
      );
    });
}

async function writeDevice(options: Options, now: Date) {
  const { serviceAnchors, tlsAnchors, proxyAnchors } = await checkedInputs(options);
  const labelCode = options.labelCode === undefined ? null : await longCode(options.labelCode, options.serial);
  const identity = await identityOf(options, now);
  const files = deviceFiles({
    service: options.service,
    serviceAnchors,
    deviceCertificates: identity.certificate,
    deviceKey: identity.key,
    labelCode,
    manufacturer: identity.manufacturer,
    tlsAnchors,
    systemRoots: options.systemRoots,
    httpPort: options.httpPort,
    httpsPort: options.httpsPort,
    connectTo: routesOf(options.connectTo ?? []),
    explicitProxy: options.explicitProxy ?? null,
    proxies: {
      ...(options.proxyEnvironment === true ? { environment: true } : {}),
      ...(options.withoutProxy === undefined ? {} : { noProxy: options.withoutProxy }),
      ...(options.proxyCredentials === undefined ? {} : { credentials: options.proxyCredentials }),
      ...(options.pac === undefined ? {} : { pac: options.pac }),
      ...(options.wpad === true ? { wpad: true } : {}),
    },
    proxyAnchors,
    clock: options.clock,
    firmwareBuild: `${now.toISOString().slice(0, 19)}Z`,
  });
  writeNewDirectory(options.out, files);
  const at = (name: string): string => join(options.out, name);
  return {
    serial: options.serial,
    service: options.service,
    directory: options.out,
    agent: at('agent.json'),
    certificate: at('device.pem'),
    key: at('device.key'),
    labelCode: labelCode === null ? null : at('label.code'),
    fingerprint: identity.fingerprint,
    keyDigest: identity.keyDigest,
    manufacturer: identity.manufacturer,
  };
}

/** The code in the file, as typed or as the text of the QR code. @throws CommandError, UsageError */
async function longCode(path: string, serial: string): Promise<string> {
  const { LABEL_PROOF_CODE_CHARACTERS, parseLabel } = await import('@windlass/protocol');
  const label = parseLabel(readInputText(path, 'the code of a label'));
  if (label === null || label.code.length < LABEL_PROOF_CODE_CHARACTERS)
    throw new CommandError(
      `${path} has no code that proofs can be made with: it needs ${LABEL_PROOF_CODE_CHARACTERS} characters ("factory code --characters ${LABEL_PROOF_CODE_CHARACTERS}").`,
    );
  if (label.serial !== null && label.serial !== serial)
    throw new UsageError(`The QR code is that of device ${label.serial}: give its serial, or the code of this device.`);
  return label.code;
}

async function checkedInputs(options: Options): Promise<{
  readonly serviceAnchors: string;
  readonly tlsAnchors: string | null;
  readonly proxyAnchors: string | null;
}> {
  const { parseSerial, parseServiceName } = await import('@windlass/protocol');
  const { pemText, readAnchors } = await import('../anchor-file.ts');
  holds(
    () => parseSerial(options.serial),
    'A serial is 1 to 64 printable ASCII characters that neither start nor end with a space.',
  );
  holds(
    () => parseServiceName(options.service),
    '--service takes the DNS name of the service in lower case, like bootstrap.example.',
  );
  checkProxy(options.explicitProxy);
  if (options.systemRoots !== 'node') checkRoots(options.systemRoots);
  const anchors = readAnchors(options.serviceAnchor, "the service's anchor", { atMost: 4 });
  const more = (path: string | undefined): string | null =>
    path === undefined ? null : pemText(readAnchors(path, 'CA certificates, PEM', { atMost: null }));
  return {
    serviceAnchors: pemText(anchors),
    tlsAnchors: more(options.tlsAnchor),
    proxyAnchors: more(options.proxyAnchor),
  };
}

/** A look only: the agent reads the roots, and leaves out what it cannot parse. */
function checkRoots(path: string): void {
  const text = new TextDecoder('latin1').decode(readInputFile(path, 'root certificates, PEM', rootsLimitBytes));
  if (text.includes('-----BEGIN CERTIFICATE-----')) return;
  throw new CommandError(
    `${path} has no PEM certificate: name a file with root certificates, or "node" for those of Node.`,
  );
}

function holds(parse: () => unknown, sentence: string): void {
  try {
    parse();
  } catch (cause) {
    throw new UsageError(sentence, { cause });
  }
}

async function identityOf(options: Options, now: Date) {
  const { makeDevice, makeSelfSignedDevice, readManufacturer } = await import('../trial-certificates.ts');
  const wanted = { serial: options.serial, keyType: options.keyType, now };
  if (options.selfSigned === true) {
    if (options.manufacturer !== undefined)
      throw new UsageError('A self-signed device has no manufacturer: leave out --manufacturer or --self-signed.');
    return makeSelfSignedDevice(wanted);
  }
  if (options.manufacturer === undefined) {
    throw new UsageError(
      'Who made the device? Give --manufacturer with the directory that "factory manufacturer" made, or --self-signed.',
    );
  }
  return makeDevice({ ...wanted, manufacturer: readManufacturer(options.manufacturer) });
}

function checkProxy(url: string | undefined): void {
  if (url === undefined) return;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  // Not quoted: it may carry a password.
  throw new CommandError('--explicit-proxy is not a proxy URL: give one like http://10.0.0.1:3128.');
}

const route = /^(\*|[^\s=:[\]]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})=([^\s=:[\]]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/;

function collectRoute(text: string, previous: readonly string[] | undefined): readonly string[] {
  if (!route.test(text))
    throw new InvalidArgumentError('Give HOST:PORT=HOST:PORT, like app.example:443=127.0.0.1:18443.');
  return collect(text, previous);
}

function routesOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text): [string, string] => {
      const [from = '', to = ''] = text.split('=');
      return [from, to];
    }),
  );
}
