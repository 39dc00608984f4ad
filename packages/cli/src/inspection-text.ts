/** What `windlass inspect` found, for people. */
import type { InspectedMessage, Inspection, InspectionCheck, JsonValue, SignerSummary } from '@windlass/protocol';
import { facts } from './output.ts';
import type { Paint } from './terminal.ts';

const names: Readonly<Record<Inspection['kind'], string>> = {
  answer: 'answer of the service: what it decided about one request, with claim and profile where they belong to it',
  'bootstrap-request': "request of a device, signed with the device's key",
  decision: 'decision of the service about one request',
  claim: 'claim: which organization a device belongs to',
  'security-profile': 'security profile: what devices on a network trust',
  report: "report of a device, signed with the device's key",
  acknowledgement: 'acknowledgement of a report by the service',
  unknown: 'message of an unknown kind',
};

/** Kind, content, signer and checks of each message, then the verdict. `anchor` is the file it was verified against, or null. */
export function inspectionText(inspection: Inspection, anchor: string | null, paint: Paint): string {
  const parts = inspection.messages.map((message) => messageText(message, paint));
  const whole =
    inspection.kind === 'answer'
      ? [`${paint.bold('answer')}: ${names.answer}`, ...checkLines(inspection.checks, paint)]
      : [];
  return [...whole, ...parts, verdict(inspection, anchor, paint)].join('\n\n');
}

function messageText({ kind, payload, digest, signer, checks }: InspectedMessage, paint: Paint): string {
  return [
    `${paint.bold(kind)}: ${names[kind]}`,
    facts(paint, [...contentOf(payload), ['digest', digest], ...signerFacts(signer)]),
    ...checkLines(checks, paint),
  ].join('\n');
}

type Fact = readonly [label: string, value: string | null];

function contentOf(payload: InspectedMessage['payload']): readonly Fact[] {
  const text = (name: string): string | null => {
    const value = payload?.[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  };
  const count = (name: string): string | null => {
    const value = payload?.[name];
    return Array.isArray(value) ? String(value.length) : null;
  };
  const released = payload?.['type'] === 'claim' && payload['organization'] === null;
  return [
    ['service', text('service')],
    ['device', serialOf(payload?.['device'])],
    ['outcome', text('outcome')],
    ['code', text('code')],
    ['organization', released ? 'none: the device is released' : text('organization')],
    ['network', text('network')],
    ['generation', text('generation')],
    ['ownership', text('ownership')],
    ['epoch', text('epoch')],
    ['sequence', text('sequence')],
    ['inspection CAs', count('inspectionCas')],
    ['retired keys', count('retire')],
    ['endpoints', count('endpoints')],
    ['counter', text('counter')],
    ['time', text('time')],
    ['issued', text('issued')],
    ['expires', text('expires')],
  ];
}

function serialOf(device: JsonValue | undefined): string | null {
  if (typeof device !== 'object' || device === null) return null;
  const serial: unknown = Object.entries(device).find(([name]) => name === 'serial')?.[1];
  return typeof serial === 'string' ? serial : null;
}

function signerFacts(signer: SignerSummary | null): readonly Fact[] {
  if (signer === null) return [['signed by', 'nobody: no signature that fits']];
  const time = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  return [
    ['signed by', signer.subject],
    ['issued by', signer.issuer],
    ['valid', `${time(signer.notBefore)} to ${time(signer.notAfter)}`],
    ['algorithm', signer.algorithm],
    ['key', signer.key],
  ];
}

function checkLines(checks: readonly InspectionCheck[], paint: Paint): readonly string[] {
  return checks.map(({ name, ok, code, explanation }) =>
    ok
      ? `  ${paint.green('holds')}  ${name}`
      : `  ${paint.red('FAILS')}  ${name}: ${explanation ?? ''} (${code ?? 'unknown'})`,
  );
}

function verdict({ ok, checks, messages }: Inspection, anchor: string | null, paint: Paint): string {
  const failed = [...checks, ...messages.flatMap((message) => message.checks)].filter((check) => !check.ok);
  const [first] = failed;
  if (first !== undefined) return `${paint.red('It does not hold')}: ${first.name} (${first.code ?? 'unknown'}).`;
  if (ok === true) return `${paint.green('It holds')}: verified against ${anchor ?? 'the anchor'}.`;
  return `${paint.yellow('Nothing was verified')}: without an anchor anybody may have signed this. Give --anchor and --service.`;
}
