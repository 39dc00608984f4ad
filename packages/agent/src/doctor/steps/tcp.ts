// Can the service be connected to, on each of its addresses, on 443 and on 80: refused, reset and dropped are told apart.
import type { Trouble } from '@windlass/protocol';
import { broken, type Finding, fine, type Step, type TcpAttempt } from '../finding.ts';
import type { DoctorPorts } from '../ports.ts';
import { withoutWay } from './prevented.ts';

/** More addresses than these are not tried. */
const MAX_ADDRESSES = 8;

export const tcp: Step = {
  name: 'tcp',
  prevented: (findings, { device }) =>
    withoutWay(findings) ?? (device.proxy ? 'the proxy makes the connections' : null),
  async look(ports, { serviceAddresses }) {
    const { device, machine } = ports;
    const { service } = device;
    const { https, http } = device.ports;
    const pairs = [https, http].flatMap((port) => {
      const instead = device.instead(service, port);
      const targets = instead ? [instead.host] : serviceAddresses.slice(0, MAX_ADDRESSES);
      return targets.map((address) => ({ address, port, there: instead?.port ?? port }));
    });
    const connections = await Promise.all(
      pairs.map(async ({ address, port, there }) => ({ address, port, ...(await machine.open(address, there)) })),
    );
    return { findings: [tcpFinding(connections, ports)], seen: { connections } };
  },
};

function tcpFinding(connections: readonly TcpAttempt[], { device }: DoctorPorts): Finding {
  const { https, http } = device.ports;
  const [secure = [], plain = []] = [https, http].map((port) => connections.filter((attempt) => attempt.port === port));
  const saw = `${portText(https, secure)}; ${portText(http, plain)}`;
  if (secure.some(({ state }) => state === 'open')) return fine('tcp', saw);
  return broken('tcp', troubleOfAll(secure), saw);
}

/** `443 open (10.0.0.1 12 ms)`, or each address with its fate. */
function portText(port: number, attempts: readonly TcpAttempt[]): string {
  const states = new Set(attempts.map(({ state }) => state));
  const each = attempts.map(({ address, state, milliseconds }) => {
    const took = state === 'open' ? ` ${milliseconds} ms` : '';
    return states.size > 1 ? `${address} ${state}${took}` : `${address}${took}`;
  });
  return `${port} ${states.size === 1 ? `${[...states][0]} ` : ''}(${each.join(', ')})`;
}

const WORST: Readonly<Record<Exclude<TcpAttempt['state'], 'open'>, Trouble>> = {
  reset: 'tcp-reset',
  refused: 'tcp-refused',
  timeout: 'tcp-timeout',
  unreachable: 'no-route',
};

/** Who answers says more than who does not. */
function troubleOfAll(attempts: readonly TcpAttempt[]): Trouble {
  const states = Object.keys(WORST) as (keyof typeof WORST)[];
  const worst = states.find((state) => attempts.some((attempt) => attempt.state === state));
  return WORST[worst ?? 'timeout'];
}
