// Exchange 2: what the device says at the end of an exchange, signed, once, and the signed acknowledgement of it.
import {
  acceptAcknowledgement,
  digestOf,
  encodeEnvelope,
  encodeReport,
  ProtocolError,
  parseBody,
  parseEnvelope,
  prepareEnvelope,
  type Report,
} from '@windlass/protocol';
import { type Agent, trustView } from './agent.ts';
import { climb } from './ladder.ts';
import type { ActiveTrust, ProbeResult } from './ports.ts';
import { AGENT_VERSION } from './version.ts';

const PATH = '/.well-known/windlass/v1/';

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
    trust: trustView(agent, inspectionCas),
    to: pathOf('report'),
    isAnswer: isEnvelope,
    message: async ({ rung }) => {
      const sent = await signReport(agent, content, rung);
      return { body: sent.body, sent };
    },
  });
  if (reply.kind === 'no-answer') return reply.cause;
  return acknowledgementFault(agent, reply.sent, reply.body);
}

/** The same on rung 1 only, with TLS validated by what is active. @see spec C2 */
export async function confirmByReport(
  agent: Agent,
  { inspectionCas }: ActiveTrust,
  content: ReportContent,
): Promise<string | null> {
  const sent = await signReport(agent, content, 1);
  let fault: string | null = '';
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS && fault !== null; attempt += 1) {
    const connection = await agent.transport.connect({ trust: trustView(agent, inspectionCas), from: 1 });
    if ('kind' in connection) fault = connection.cause;
    else if (connection.rung !== 1) {
      connection.close();
      fault = `${connection.failure}`;
    } else {
      const exchange = await connection.post(pathOf('report'), sent.body);
      fault = exchange.kind === 'body' ? acknowledgementFault(agent, sent, exchange.body) : exchange.cause;
    }
  }
  return fault;
}

/** The URL's path of one of the two exchanges. @see spec section 4 */
export function pathOf(exchange: 'bootstrap' | 'report'): string {
  return PATH + exchange;
}

/** An envelope over `payload` by the device's key, as text. */
export async function signed({ key }: Agent, payload: string): Promise<string> {
  const prepared = prepareEnvelope({ payload, chain: key.chain });
  return encodeEnvelope(prepared.finish(await key.sign(prepared.toBeSigned, prepared.algorithm)));
}

interface Sent {
  readonly payload: string;
  readonly body: string;
}

async function signReport(agent: Agent, content: ReportContent, rung: 1 | 2 | 3): Promise<Sent> {
  const { service, device } = agent.identity;
  // What was found damaged at the start is said where nothing else went wrong.
  const code = content.code ?? agent.state.fault;
  const payload = encodeReport({
    service,
    device,
    counter: agent.state.current.counter,
    clock: agent.clock.read(),
    rung,
    ...content,
    ...(code && { code }),
    endpoints: content.endpoints.map(({ name, verdict, stage, detail }) => ({
      name,
      verdict,
      stage,
      detail: shortText(detail),
    })),
    agent: { version: AGENT_VERSION },
  });
  return { payload, body: await signed(agent, payload) };
}

function acknowledgementFault({ identity, state, clock }: Agent, { payload }: Sent, body: Uint8Array): string | null {
  const context = { ...identity, report: digestOf(payload), counter: state.current.counter, floor: clock.floor };
  try {
    clock.accept(acceptAcknowledgement(body, context).time); // spec T5
    state.faultReported();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

function isEnvelope(body: Uint8Array): boolean {
  try {
    return parseEnvelope(parseBody(body)).payload.length > 0;
  } catch {
    return false;
  }
}

/** @see spec section 4, `text` */
function shortText(detail: string): string {
  return detail.replace(/[^ -~]/g, '?').slice(0, 200);
}
