/** `windlass carry`: a file of a device that has no way out, to the service, and what comes back into a file. */
import type { CarriedReply } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { shellWord } from '../connection.ts';
import { CommandError, UsageError } from '../errors.ts';
import { readInputFile, readInputText, writeNewFile } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly out?: string;
  readonly url?: string;
  readonly tlsAnchor?: string;
}

/** What a device signed, as far as whoever carries it has to know. */
interface Message {
  readonly kind: 'request' | 'report';
  readonly body: string;
  readonly service: string;
  readonly serial: string;
}

const FILE_MODE = 0o644;

export function carry(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'carry',
    summary: 'send the request or the report of a device that has no way out, and bring back the answer',
    description:
      'Sends a file that "windlass-agent request" or "windlass-agent import --report" wrote to the service that it is for, from a machine that reaches it. The answer to a request goes into --out, for "windlass-agent import" on the device. No token is needed: the device signed the file, and checks what comes back as if it had asked itself, so plain http is as good as https. A request has one answer, within 5 minutes the same one again: make a new request when it is lost.',
    examples: [
      'carry ./request.json --out ./answer.json',
      'carry ./report.json',
      'carry ./request.json --out ./answer.json --url http://bootstrap.example',
    ],
  })
    .argument('<file>', 'what the device wrote')
    .option('--out <file>', 'where the answer to a request goes; it must not exist')
    .option('--url <url>', 'the device listener (default: https:// and the service that the file is for)')
    .option('--tls-anchor <file>', 'certificates that vouch for the listener, when it is certified privately')
    .action(async (file: string, options: Options) => {
      const message = await readMessage(file);
      if ((message.kind === 'request') !== (options.out !== undefined)) {
        throw new UsageError(
          message.kind === 'request'
            ? `${file} is a request: give --out with the file for the answer.`
            : `${file} is a report, and its acknowledgement is of no use to the device: leave out --out.`,
        );
      }
      const { sendCarried } = await import('@windlass/management');
      const url = options.url ?? `https://${message.service}`;
      const anchor = options.tlsAnchor;
      const certificateAuthority =
        anchor === undefined ? {} : { certificateAuthority: readInputText(anchor, 'PEM certificates') };
      const exchange = message.kind === 'request' ? 'bootstrap' : 'report';
      const reply = await sendCarried({ url, ...certificateAuthority }, { exchange, body: message.body });
      const said = await saidIn(message, reply, url);
      if (options.out !== undefined) writeNewFile(options.out, reply.text, FILE_MODE);
      const { service, serial } = message;
      show(
        terminal,
        options,
        { carried: message.kind, service, serial, ...said, out: options.out ?? null },
        (told, paint) =>
          options.out === undefined
            ? `${paint.bold(service)} has the report of ${serial}.`
            : [
                `The answer of ${paint.bold(service)} for ${serial} is in ${options.out}. The device checks it.`,
                facts(paint, [
                  ['says', told.outcome],
                  ['organization', told.organization],
                  ['network', told.network],
                ]),
                ...nextSteps(paint, [`on the device: windlass-agent import ${shellWord(options.out)} --config FILE`]),
              ].join('\n'),
      );
    });
}

async function readMessage(file: string): Promise<Message> {
  const { parseStrictJson, isEnvelope, parseServiceName, parseSerial, MAX_BODY_BYTES } = await import(
    '@windlass/protocol'
  );
  const bytes = readInputFile(file, 'a request or a report of a device', MAX_BODY_BYTES + 1);
  const other = new CommandError(
    `${file} is neither a request nor a report of a device: name the file that "windlass-agent request" wrote.`,
  );
  if (!isEnvelope(bytes)) throw other;
  const body = new TextDecoder().decode(bytes).trim();
  try {
    const { payload } = JSON.parse(body) as { payload: string };
    const members = parseStrictJson(payload) as Readonly<Record<string, unknown>>;
    const kinds: Readonly<Record<string, Message['kind']>> = { 'bootstrap-request': 'request', report: 'report' };
    const kind = kinds[String(members['type'])];
    if (kind === undefined) throw other;
    const device = members['device'] as Readonly<Record<string, unknown>> | undefined;
    return { kind, body, service: parseServiceName(members['service']), serial: parseSerial(device?.['serial']) };
  } catch {
    throw other;
  }
}

interface Said {
  readonly outcome: string | null;
  readonly organization: string | null;
  readonly network: string | null;
}

/** What the answer says, unchecked. @throws CommandError: it is none */
async function saidIn({ kind }: Message, { status, text }: CarriedReply, url: string): Promise<Said> {
  const { isAnswer, isEnvelope, MAX_BODY_BYTES } = await import('@windlass/protocol');
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BODY_BYTES && (kind === 'request' ? isAnswer(bytes) : isEnvelope(bytes))) {
    return kind === 'request' ? decisionIn(text) : { outcome: null, organization: null, network: null };
  }
  if (status === 429 || status === 503) throw new CommandError(`The service at ${url} is busy: try again in a minute.`);
  if (status === 400) {
    throw new CommandError(
      kind === 'request'
        ? `The service at ${url} does not take the request: it does not know the device (register its manufacturer, or its key), or is another service.`
        : `The service at ${url} does not take the report: a later one of the device has come already, or it is another service.`,
    );
  }
  throw new CommandError(
    `What came back from ${url} is no answer of the service (status ${status}): check the URL, and that nothing between answers in its place.`,
  );
}

export function decisionIn(text: string): Said {
  try {
    const { decision } = JSON.parse(text) as { decision: { payload: string } };
    const said = JSON.parse(decision.payload) as Readonly<Record<string, unknown>>;
    // Nobody has checked it: nothing is shown that a terminal could obey.
    const textOf = (name: string): string | null =>
      /^[\w.-]{1,63}$/.test(`${said[name] ?? ''}`) ? `${said[name]}` : null;
    const code = textOf('code');
    const outcome = `${textOf('outcome') ?? 'something else'}${code === null ? '' : ` (${code})`}`;
    return { outcome, organization: textOf('organization'), network: textOf('network') };
  } catch {
    return { outcome: null, organization: null, network: null };
  }
}
