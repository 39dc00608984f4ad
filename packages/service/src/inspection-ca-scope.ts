// The scope of an inspection CA: for which names, from when until when. What is not said is set to the narrowest that works.
import {
  formatTime,
  MAX_SCOPES,
  ProtocolError,
  parseScope,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import { type Certificate, isNameInScope } from '@windlass/x509';
import { timeOf } from './certificates.ts';
import { parseDateOrTime } from './date-or-time.ts';
import { Refusal, refuseUnless } from './refusal.ts';

/** As it was asked for. */
export interface ScopeInput {
  readonly permittedNames: readonly string[];
  readonly excludedNames?: readonly string[];
  /** A date or a time. */
  readonly from?: string;
  readonly until?: string;
}

/** As it goes into the profile. */
export interface Scope {
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
  readonly warnings: readonly string[];
}

const DEFAULT_SECONDS = 365 * 86_400;

/** The scope, checked. @throws Refusal `scope-refused`, `time-refused` */
export function scopeOf(certificate: Certificate, input: ScopeInput, now: UnixSeconds): Scope {
  const permittedNames = namesOf(input.permittedNames);
  const excludedNames = namesOf(input.excludedNames ?? []);
  refuseUnless(
    permittedNames.length > 0,
    'scope-refused',
    'Say for which names this CA is to be trusted: at least one, or "*".',
  );
  refuseUnless(!excludedNames.includes('*'), 'scope-refused', '"*" cannot be excluded: then nothing would be left.');
  const warnings = permittedNames.includes('*')
    ? ['"*" lets this CA vouch for every name there is: name the domains that devices need, where you can.']
    : [];
  return { permittedNames, excludedNames, ...timesOf(certificate, input, now), warnings };
}

/**
 * A warning when none of a network's inspection CAs may vouch for the service itself: behind a proxy that inspects it, devices
 * would not reach the service by validated TLS, and go back to what they had. None without CAs.
 */
export function serviceOutOfScope(
  service: ServiceName,
  inspectionCas: readonly Pick<Scope, 'permittedNames' | 'excludedNames'>[],
): readonly string[] {
  if (inspectionCas.length === 0 || inspectionCas.some((scope) => isNameInScope(service, scope))) return [];
  return [
    `No inspection CA of this network is permitted for ${service}: a device behind a proxy that inspects the service too would drop the new CA again. Permit ${service} as well, unless the proxy lets it through.`,
  ];
}

function namesOf(names: readonly string[]): readonly string[] {
  const parsed = [...new Set(names.map(nameOf))];
  refuseUnless(
    parsed.length <= MAX_SCOPES,
    'scope-refused',
    `At most ${MAX_SCOPES} names can be given: name the domains above them.`,
  );
  return parsed;
}

/** `*.example.com` is what people write for example.com and everything below it. */
function nameOf(text: string): string {
  const name = text.trim().toLowerCase();
  try {
    return parseScope(name);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const hint = name.startsWith('*.')
      ? `write ${name.slice(2)}, which covers every name below it`
      : 'write a domain like example.com, an address or prefix like 10.0.0.0/8, or "*"';
    throw new Refusal('scope-refused', `"${shown(text)}" is not a name that can be permitted: ${hint}.`, { cause });
  }
}

function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}

function timesOf(
  certificate: Certificate,
  input: ScopeInput,
  now: UnixSeconds,
): { readonly from: UnixSeconds; readonly until: UnixSeconds } {
  const end = timeOf(certificate.notAfter);
  const from = input.from === undefined ? timeOf(Math.max(now, certificate.notBefore)) : timeAt(input.from, 'from');
  const until = input.until === undefined ? timeOf(Math.min(end, now + DEFAULT_SECONDS)) : timeAt(input.until, 'until');
  refuseUnless(until <= end, 'time-refused', `The CA itself ends ${formatTime(end)}: give an end that is not later.`);
  refuseUnless(until > now, 'time-refused', `The end ${formatTime(until)} has passed: give a later one.`);
  refuseUnless(from < until, 'time-refused', 'The begin is not before the end: give an earlier begin or a later end.');
  return { from, until };
}

function timeAt(text: string, member: string): UnixSeconds {
  try {
    return parseDateOrTime(text);
  } catch (cause) {
    throw new Refusal('time-refused', `${member} is not a date of the calendar: write it like 2027-01-31.`, { cause });
  }
}
