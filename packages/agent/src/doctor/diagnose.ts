// The walk: step after step from the link to the last endpoint, each told as soon as it is known.
import type { Trouble } from '@windlass/protocol';
import { decide } from './decide.ts';
import { type Finding, type Looked, NOTHING_SEEN, notTried, type Seen, type Step, type StepName } from './finding.ts';
import type { DoctorPorts } from './ports.ts';
import { address } from './steps/address.ts';
import { endpoints } from './steps/endpoints.ts';
import { link } from './steps/link.ts';
import { name } from './steps/name.ts';
import { portal } from './steps/portal.ts';
import { proxy } from './steps/proxy.ts';
import { signature } from './steps/signature.ts';
import { tcp } from './steps/tcp.ts';
import { time } from './steps/time.ts';
import { tls } from './steps/tls.ts';

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Null: everything that could be told is fine. */
  readonly cause: (Finding & { readonly trouble: Trouble }) | null;
  readonly seen: Seen;
}

/** Hears of the walk while it goes on. */
export interface Listener {
  began(step: StepName): void;
  found(finding: Finding): void;
}

/** Each of these needs what the one before it found. */
const WAY: readonly Step[] = [link, address, name, time, proxy, tcp];
/** These need the way alone. They are tried at once: what hangs takes its deadline, and somebody is waiting. */
const BEYOND: readonly Step[] = [portal, tls, signature, endpoints];

/** Everything that these ports show, and what it comes to. Changes nothing. */
export async function diagnose(ports: DoctorPorts, listener: Listener): Promise<Diagnosis> {
  const findings: Finding[] = [];
  let seen = NOTHING_SEEN;
  const tell = async (step: Step, looking: Promise<Looked>): Promise<void> => {
    listener.began(step.name);
    const looked = await looking;
    seen = { ...seen, ...looked.seen };
    findings.push(...looked.findings);
    looked.findings.forEach(listener.found);
  };
  for (const step of WAY) await tell(step, look(step, ports, findings, seen));
  const way = [...findings];
  const begun = BEYOND.map((step) => ({ step, looking: look(step, ports, way, seen) }));
  for (const { looking } of begun) looking.catch(() => {}); // it is thrown below, in its turn
  for (const { step, looking } of begun) await tell(step, looking);
  return { findings, cause: decide(findings), seen };
}

async function look(step: Step, ports: DoctorPorts, findings: readonly Finding[], seen: Seen): Promise<Looked> {
  const why = step.prevented(findings, ports);
  return why === null ? step.look(ports, seen) : { findings: [notTried(step.name, why)] };
}
