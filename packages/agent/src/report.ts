// Exchange 2: what the device says at the end of an exchange, signed, once, and the signed acknowledgement of it.
import {
  acceptAcknowledgement,
  digestOf,
  encodeReport,
  isEnvelope,
  ProtocolError,
  type Report,
} from '@windlass/protocol';
import { orRefusal } from './active-trust.ts';
import type { Agent } from './agent.ts';
import { climb, connectValidated, signed, urlOf } from './ladder.ts';
import type { ActiveTrust, ProbeResult } from './ports.ts';
import { AGENT_VERSION } from './version.ts';

/** How often the same report is sent on rung 1: the service repeats the acknowledgement of identical bytes (S10). */
const CONFIRM_ATTEMPTS = 2;

/** The members of a report that differ from exchange to exchange. */
export type ReportContent = Pick<Report, 'nonce' | 'phases' | 'stores' | 'removed'> &
  Partial<Pick<Report, 'code' | 'organization' | 'network' | 'profile' | 'issuer'>> & {
    readonly endpoints: readonly ProbeResult[];
  };

/** The service has stored this report and said so, on the best rung there is: null; else why not. */
export async function sendReport(
  agent: Agent,
  { inspectionCas }: ActiveTrust,
  content: ReportContent,
): Promise<string | null> {
  const reply = await climb(agent, {
    trusted: inspectionCas,
    to: 'report',
    isAnswer: isEnvelope,
    on: ({ rung }) => reportOf(agent, content, rung),
  });
  return reply.kind === 'no-answer' ? reply.cause : acknowledgementFault(agent, reply.payload, reply.body);
}

/** The same on rung 1 only, with TLS validated by what is active. @see spec C2 */
export async function confirmByReport(
  agent: Agent,
  { inspectionCas }: ActiveTrust,
  content: ReportContent,
): Promise<string | null> {
  const payload = reportOf(agent, content, 1);
  const body = await signed(agent, payload);
  let fault: string | null = '';
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS && fault !== null; attempt += 1) {
    const connection = await connectValidated(agent, inspectionCas);
    if (typeof connection === 'string') fault = connection;
    else {
      const exchange = await connection.post(urlOf('report'), body, isEnvelope);
      fault = exchange.kind === 'body' ? acknowledgementFault(agent, payload, exchange.body) : exchange.cause;
    }
  }
  return fault;
}

/** The payload of a report on this rung. */
export function reportOf({ identity, state, clock }: Agent, content: ReportContent, rung: Report['rung']): string {
  // What was found damaged at the start is said where nothing else went wrong.
  const { fault, trouble } = state.current;
  const code = content.code ?? fault;
  return encodeReport({
    ...identity,
    counter: state.current.counter,
    clock: clock.read(),
    rung,
    ...content,
    ...(code && { code }),
    ...(trouble && { trouble }), // spec M7
    endpoints: content.endpoints.map(({ endpoint: { name }, verdict, stage, reason, signedBy }) => {
      const detail = signedBy ? `${reason}, signed by "${signedBy}"` : reason;
      return { name, verdict, stage, ...(detail && { detail }) };
    }),
    agent: { version: AGENT_VERSION },
  });
}

function acknowledgementFault({ identity, state, clock }: Agent, payload: string, body: Uint8Array): string | null {
  const { counter, floors } = state.current;
  const known = { floor: clock.floor, clock: clock.read(), revocations: floors.revocations };
  const context = { ...identity, report: digestOf(payload), counter, ...known };
  const accepted = orRefusal(() => acceptAcknowledgement(body, context));
  if (accepted instanceof ProtocolError) return accepted.code;
  clock.accept(accepted.time); // spec T5
  const { current } = state;
  if (current.fault || current.trouble) state.commit({ ...current, fault: null, trouble: null });
  return null;
}
