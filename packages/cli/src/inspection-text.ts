/** What `windlass inspect` found, for people. */
import type { InspectedMessage, Inspection, InspectionCheck, JsonValue, SignerSummary } from '@windlass/protocol';
import { formatName, parseCertificate } from '@windlass/x509';
import { facts } from './output.ts';
import type { Paint } from './terminal.ts';

const names: Readonly<Record<Inspection['kind'], string>> = {
  answer: 'what the service decided about one request, with the claim and the profile that belong to it',
  'bootstrap-request': "from a device, signed with the device's key",
  decision: 'from the service, about one request',
  claim: 'which organization a device belongs to',
  'security-profile': 'what devices on a network trust',
  report: "from a device, signed with the device's key",
  acknowledgement: 'from the service, that it has a report',
  unknown: 'a message of an unknown kind',
};

/** Kind, content, signer and checks of each message, then the verdict. `anchor` is the file it was verified against, or null. */
export function inspectionText(inspection: Inspection, anchor: string | null, paint: Paint): string {
  const { kind, checks, messages } = inspection;
  const whole = kind === 'answer' ? [[title(kind, paint), ...checkLines(checks, paint)].join('\n')] : [];
  const parts = messages.map((message) => messageText(message, paint));
  return [...whole, ...parts, verdict(inspection, anchor, paint)].join('\n\n');
}

function title(kind: Inspection['kind'], paint: Paint): string {
  return `${paint.bold(kind)}: ${names[kind]}`;
}

function messageText({ kind, payload, digest, signer, checks }: InspectedMessage, paint: Paint): string {
  return [
    title(kind, paint),
    facts(paint, [...contentOf(payload), ...inspectionCaFacts(payload), ['digest', digest], ...signerFacts(signer)]),
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
    ['label proof', text('labelProof') === null ? null : 'yes, which only the device can judge'],
    ['epoch', text('epoch')],
    ['sequence', text('sequence')],
    ['retired keys', count('retire')],
    ['endpoints', count('endpoints')],
    ['counter', text('counter')],
    ['time', text('time')],
    ['issued', text('issued')],
    ['expires', text('expires')],
  ];
}

/** The form of what is read here was judged already, or is reported as a failed check: what does not fit is left out. */
function inspectionCaFacts(payload: InspectedMessage['payload']): readonly Fact[] {
  const cas = payload?.['inspectionCas'];
  return !Array.isArray(cas) ? [] : cas.map((ca: unknown): Fact => ['inspection CA', inspectionCaText(ca)]);
}

function inspectionCaText(ca: unknown): string | null {
  if (typeof ca !== 'object' || ca === null || !('certificate' in ca) || !('permittedNames' in ca) || !('until' in ca))
    return null;
  const { certificate, permittedNames, until } = ca;
  const names = Array.isArray(permittedNames) ? permittedNames.join(', ') : '';
  return `${subjectOf(certificate)} for ${names} until ${String(until)}`;
}

function subjectOf(certificate: unknown): string {
  try {
    return formatName(parseCertificate(Buffer.from(String(certificate), 'base64')).subject);
  } catch {
    return 'a certificate that cannot be read';
  }
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
