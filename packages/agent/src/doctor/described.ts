// The same for programs: `--json`, one object with the verdict, every finding, and the lists for the network team.
import type { Diagnosis } from './diagnose.ts';
import { DOCTOR_EXITS, EXIT_FINE } from './exit-codes.ts';
import { listsOf } from './lists.ts';
import type { DoctorPorts } from './ports.ts';
import { formatTime } from './time-text.ts';

/** What `--json` prints. `forIt`: the text for the network team, where it was asked for. */
export function describeDiagnosis(
  { device, clock, explain }: DoctorPorts,
  { findings, cause, seen }: Diagnosis,
  text: readonly string[] | null,
): object {
  const { signer, answer } = seen;
  return {
    verdict: cause?.trouble ?? 'fine',
    exitCode: cause ? DOCTOR_EXITS[cause.trouble] : EXIT_FINE,
    step: cause?.step ?? null,
    endpoint: cause?.endpoint ?? null,
    ...(cause && explain(cause.trouble)),
    service: device.service,
    serial: device.serial,
    organization: device.organization,
    network: device.network,
    findings: findings.map((finding) => {
      const { step, state, saw, endpoint = null } = finding;
      return { step, endpoint, state, verdict: 'trouble' in finding ? finding.trouble : null, saw };
    }),
    addresses: seen.addresses,
    gateways: seen.gateways,
    resolvers: seen.resolvers,
    serviceAddresses: seen.serviceAddresses,
    connections: seen.connections,
    proxy: device.proxy,
    presentedChain: seen.chain.map(({ pem: _, ...certificate }) => certificate),
    signer: signer?.kind ?? null,
    portal: seen.portal,
    answer: answer && { outcome: answer.outcome, code: answer.code, rung: answer.rung, time: formatTime(answer.time) },
    systemClock: formatTime(clock.system),
    lists: listsOf(device, seen.endpoints),
    ...(text && { forIt: text.join('\n') }),
  };
}
