// The text for the network team: who the device is, what it saw, what it needs, and how to try that with stock tools. It has no secret:
// neither credentials of a proxy nor anything of the device's key is known here.
import type { ProxyAddress } from '@windlass/protocol';
import type { CertificateSeen } from './certificate-seen.ts';
import type { Diagnosis } from './diagnose.ts';
import { type Listed, type Lists, listsOf } from './lists.ts';
import type { DeviceSeen, DoctorPorts } from './ports.ts';
import { STEP_TEXT } from './story.ts';
import { formatTime } from './time-text.ts';

/** The whole text, line by line. */
export function forIt(ports: DoctorPorts, diagnosis: Diagnosis): readonly string[] {
  const { device, explain } = ports;
  const { seen, cause, findings } = diagnosis;
  const explained = cause && explain(cause.trouble);
  const lists = listsOf(device, seen.endpoints);
  const broken = findings.filter(({ state }) => state === 'broken' || state === 'suspect');
  return [
    `Device ${device.serial} and the network: for the network team`,
    '',
    ...section('THE DEVICE', deviceRows(ports, diagnosis)),
    ...section('WHAT IT SAW', [
      explained ? explained.says : 'Nothing is wrong, as far as the device can tell.',
      ...broken.map(({ step, saw }) => `- ${STEP_TEXT[step]}: ${saw}`),
    ]),
    ...section(
      `WHAT TO DO${explained ? ` (${explained.who})` : ''}`,
      explained ? [explained.todo] : ['Nothing; below is what the device needs, to keep it that way.'],
    ),
    ...listSection(`ALLOW LIST: must be reachable, TCP, outbound from the device${through(device)}`, lists.allow),
    ...listSection('INSPECT LIST: may be decrypted, once the device trusts the inspection CA', lists.inspect),
    ...listSection('BYPASS LIST: must not be decrypted; reachable all the same', lists.bypass),
    ...section('WHAT MUST NOT BE CHANGED', UNCHANGED(device.service)),
    ...certificateSections(diagnosis, device),
    ...section('TO TRY IT WITH STOCK TOOLS, from the segment of the device', commands(device, lists)),
  ].slice(0, -1);
}

function through({ proxy }: DeviceSeen): string {
  return proxy ? ` through the proxy ${addressOf(proxy)}` : '';
}

function deviceRows({ device, clock }: DoctorPorts, { seen }: Diagnosis): readonly string[] {
  const { organization, network, proxy } = device;
  const addresses = seen.addresses.map(({ address, link, mac }) => `${address} (${link}, MAC ${mac})`);
  const time = seen.answer
    ? `${formatTime(seen.answer.time)} (signed)`
    : `${formatTime(clock.system)} (by its own clock)`;
  return [
    `serial number  ${device.serial}`,
    `owner          ${organization ? `${organization}${network ? `, network ${network}` : ''}` : 'none known on the device'}`,
    `address        ${addresses.join(', ') || 'none'}`,
    `gateway        ${seen.gateways.map(({ via, link }) => via ?? link).join(', ') || 'none'}`,
    `DNS server     ${seen.resolvers.join(', ') || 'none'}`,
    `proxy          ${proxy ? `${addressOf(proxy)}${proxy.tls ? ' (TLS to it)' : ''}` : 'none configured'}`,
    `time           ${time}`,
  ];
}

function UNCHANGED(service: string): readonly string[] {
  return [
    `For ${service}: POST with JSON, up to 64 KiB each way, whole and unchanged; answers from the service itself,`,
    'no page, no log-in, no redirect, no cache. HTTP/1.1 is enough; no ALPN, HTTP/2, WebSocket or client certificate is used.',
    'TLS 1.2 or 1.3. Reading along is fine: every message is signed, none is secret.',
  ];
}

function certificateSections({ seen, cause }: Diagnosis, { organization }: DeviceSeen): readonly string[] {
  const { chain, signer } = seen;
  if (chain.length === 0) return [];
  const isWanted =
    signer?.kind === 'nobody' && cause?.trouble !== 'box-distrusts-service' && cause?.trouble !== 'name-rewritten';
  const owner = organization
    ? `the security admin of ${organization}`
    : 'the security admin of the owner of the device';
  return [
    ...section('CERTIFICATES THAT THE DEVICE SAW, leaf first', chain.flatMap(certificateRows)),
    ...(isWanted
      ? section('INSPECTION CA WANTED', [
          `The CA certificate "${chain.at(-1)?.issuer}", if it is yours: PEM or DER, the certificate only, never its key.`,
          `Please send it with its SHA-256 fingerprint to ${owner}, each by another way than through this device.`,
        ])
      : []),
  ];
}

function certificateRows({ subject, issuer, notBefore, notAfter, fingerprint }: CertificateSeen): readonly string[] {
  return [
    `subject  ${subject}`,
    `issuer   ${issuer}`,
    `valid    ${notBefore} to ${notAfter}`,
    `SHA-256  ${fingerprint}`,
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [title, ...lines.map((line) => `  ${line}`), ''];
}

function listSection(title: string, list: readonly Listed[]): readonly string[] {
  const width = Math.max(...list.map(({ host }) => host.length));
  const rows = list.map(
    ({ host, port, protocol, why }) => `${host.padEnd(width)}  ${`${port}`.padEnd(5)}  ${protocol.padEnd(5)}  ${why}`,
  );
  return section(title, list.length > 0 ? rows : ['none']);
}

function addressOf({ host, port }: ProxyAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `curl` to the service shows a JSON problem of the service where all is well: no page. */
function commands({ service, ports, proxy }: DeviceSeen, { allow }: Lists): readonly string[] {
  const openssl = proxy ? ` -proxy ${addressOf(proxy)}` : '';
  const curl = proxy ? ` --proxy ${proxy.tls ? 'https' : 'http'}://${addressOf(proxy)}` : '';
  const port = (number: number, usual: number): string => (number === usual ? '' : `:${number}`);
  const path = '/.well-known/windlass/v1/bootstrap';
  // openssl speaks no TLS to a proxy.
  const tls = allow.filter(({ protocol }) => !proxy?.tls && protocol !== 'http' && protocol !== 'ntp');
  return [
    ...tls.map(
      ({ host, port: there }) =>
        `openssl s_client -connect ${host}:${there} -servername ${host}${openssl} -showcerts </dev/null`,
    ),
    `curl -v${curl} --cacert inspection-ca.pem https://${service}${port(ports.https, 443)}${path}`,
    `curl -v${curl} http://${service}${port(ports.http, 80)}${path}`,
    'Fine: curl shows JSON with "status": a problem that the service itself tells, because nothing was posted. Not fine: any HTML.',
  ];
}
