// The explicit proxy, where one is configured: is it there, does it take this device, does it open a way to the service.
import { broken, type Finding, fine, type Step, suspect } from '../finding.ts';
import type { DoctorPorts, PathBroken, RouteSeen } from '../ports.ts';
import { troubleOf } from '../trouble.ts';
import { withoutNetwork } from './prevented.ts';

export const proxy: Step = {
  name: 'proxy',
  prevented: (findings, { device }) => {
    const ofName = findings.some(({ step, state }) => step === 'name' && state === 'broken');
    return withoutNetwork(findings) ?? (device.proxy && ofName ? 'the name of the proxy cannot be resolved' : null);
  },
  async look(ports) {
    const { device, machine } = ports;
    if (!device.proxy)
      return { findings: [fine('proxy', `none is configured${unusedVariables(machine.proxyVariables())}`)] };
    const path = await ports.tunnel();
    return { findings: [proxyFinding(ports, path)] };
  },
};

function unusedVariables(names: readonly string[]): string {
  return names.length > 0 ? `; ${names.join(', ')} of this shell does not count for the agent` : '';
}

function proxyFinding({ device }: DoctorPorts, path: PathBroken | RouteSeen): Finding {
  const { host = '', port } = device.proxy ?? {};
  const there = `${host}:${port}`;
  if (path.kind === 'open' && path.viaProxy) return fine('proxy', `${there} opens a way to ${device.service}`);
  if (path.kind === 'open')
    return suspect('proxy', 'proxy-unreachable', `${there} is not reached; the service is, without it`);
  const trouble = troubleOf({ ...path, viaProxy: true });
  const { cause, schemes = [], hasCredentials } = path;
  if (trouble === 'proxy-authentication') {
    const takes = schemes.length > 0 ? `, by ${schemes.join(' or ')}` : '';
    const has = hasCredentials ? 'and does not take the one of this device' : 'and this device has none for it';
    return broken('proxy', trouble, `${there} wants a user and a password${takes}, ${has}`);
  }
  if (trouble === 'proxy-unreachable') return broken('proxy', trouble, `${there} is not reached: ${cause}`);
  return broken('proxy', trouble, `${there} answers, and opens no connection to ${device.service}: ${cause}`);
}
