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
import type { Agent } from './agent.ts';
import { climb } from './ladder.ts';
import type { ProbeResult, TrustView } from './ports.ts';
import { AGENT_VERSION } from './version.ts';

export const BOOTSTRAP_PATH = '/.well-known/windlass/v1/bootstrap';
export const REPORT_PATH = '/.well-known/windlass/v1/report';

/** How often the same report is sent on rung 1: the service repeats the acknowledgement of identical bytes (S10). */
const CONFIRM_ATTEMPTS = 2;

/** The members of a report that differ from exchange to exchange. */
export type ReportContent = Pick<Report, 'nonce' | 'phases' | 'stores' | 'removed'> &
  Partial<Pick<Report, 'code' | 'organization' | 'network' | 'profile' | 'issuer'>> & {
    readonly endpoints: readonly ProbeResult[];
  };

/** The service has stored this report and said so, on the best rung there is; false: it was sent in vain. */
export async function sendReport(agent: Agent, trust: TrustView, content: ReportContent): Promise<boolean> {
  const reply = await climb(agent, {
    trust,
    to: REPORT_PATH,
    isAnswer: isEnvelope,
    message: async ({ rung }) => {
      const sent = await signReport(agent, content, rung);
      return { body: sent.body, sent };
    },
  });
  return reply.kind === 'answer' && acknowledged(agent, reply.sent, reply.body);
}

/** The same on rung 1 only, with TLS validated by `trust`; or why there is no valid acknowledgement. @see spec C2 */
export async function confirmByReport(
  agent: Agent,
  trust: TrustView,
  content: ReportContent,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }> {
  const sent = await signReport(agent, content, 1);
  let why = '';
  for (let attempt = 0; attempt < CONFIRM_ATTEMPTS; attempt += 1) {
    const connection = await agent.transport.connect({ trust, from: 1 });
    if ('kind' in connection) why = `${connection.stage}: ${connection.cause}`;
    else if (connection.rung !== 1) {
      connection.close();
      why = connection.failure ?? 'not validated';
    } else {
      const exchange = await connection.post(REPORT_PATH, sent.body);
      if (exchange.kind === 'body' && acknowledged(agent, sent, exchange.body)) return { ok: true };
      why = exchange.kind === 'body' ? 'no valid acknowledgement' : `${exchange.stage}: ${exchange.cause}`;
    }
  }
  return { ok: false, why };
}

/** An envelope over `payload` by the device's key, as text. */
export async function signed(agent: Agent, payload: string): Promise<string> {
  const prepared = prepareEnvelope({ payload, chain: agent.key.chain });
  return encodeEnvelope(prepared.finish(await agent.key.sign(prepared.toBeSigned, prepared.algorithm)));
}

interface Sent {
  readonly payload: string;
  readonly body: string;
}

async function signReport(agent: Agent, content: ReportContent, rung: 1 | 2 | 3): Promise<Sent> {
  const { service, device } = agent.identity;
  const payload = encodeReport({
    service,
    device,
    counter: agent.state.current.counter,
    clock: agent.clock.read(),
    rung,
    ...content,
    ...codeOf(agent, content),
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

/** What was found damaged at the start is said where nothing else went wrong. */
function codeOf({ state }: Agent, { code }: ReportContent): Partial<Pick<Report, 'code'>> {
  const said = code ?? state.fault;
  return said === null ? {} : { code: said };
}

function acknowledged(agent: Agent, sent: Sent, body: Uint8Array): boolean {
  const { service, serviceAnchors, device } = agent.identity;
  const context = {
    service,
    serviceAnchors,
    device,
    report: digestOf(sent.payload),
    counter: agent.state.current.counter,
  };
  try {
    const acknowledgement = acceptAcknowledgement(body, { ...context, floor: agent.clock.floor });
    agent.clock.accept(acknowledgement.time); // spec T5
    agent.state.faultReported();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
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
