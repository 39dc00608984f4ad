// Which server names a certificate speaks for (RFC 9525), and which names lie in a scope.

import { equalBytes } from './bytes.ts';
import type { Certificate } from './certificate.ts';
import { isIpWithin, parseIp, parseIpRange } from './ip.ts';

/**
 * True when the certificate names the reference: an IP address by an equal iPAddress, anything else by a dNSName, equal or
 * with `*` as its whole leftmost label over at least two more. The subject's CN is never read. A reference is ASCII
 * (A-labels); one trailing dot is dropped.
 * @see RFC 9525 §6
 */
export function matchServerName({ extensions }: Certificate, reference: string): boolean {
  const names = extensions.subjectAltName ?? [];
  const address = parseIp(reference);
  if (address) return names.some(({ kind, value }) => kind === 'ip' && equalBytes(value, address));
  const host = normalizeHost(reference);
  if (host === undefined) return false;
  const parent = parentOf(host);
  const wildcard = parent.includes('.') ? `*.${parent}` : host;
  return names.some(({ kind, value }) => kind === 'dns' && [host, wildcard].includes(value.toLowerCase()));
}

/** Names that an inspection CA may speak for; absent `permittedNames` permits every name. */
export interface NameScope {
  /** `example.com` (with all below), `10.0.0.0/8`, `2001:db8::/32`, an address, or `*`. */
  readonly permittedNames?: readonly string[] | undefined;
  readonly excludedNames?: readonly string[] | undefined;
}

/** True when the host name or address is permitted and not excluded; an excluded entry that is no name excludes all. */
export function isNameInScope(reference: string, { permittedNames, excludedNames }: NameScope): boolean {
  const permitted = permittedNames?.some((entry) => scopeHolds(entry, reference)) ?? true;
  return permitted && !excludedNames?.some((entry) => scopeHolds(entry, reference) !== false);
}

/** True when the text is an entry that a scope understands. */
export function isScopeEntry(entry: string): boolean {
  return scopeHolds(entry, 'a.invalid') !== undefined;
}

/** True for a lower-case host name of letters, digits and hyphens whose last label is no number. */
export function isDnsName(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    /\D/.test(labels.at(-1) ?? '')
  );
}

/** The name without its first label; empty at the top. */
export function parentOf(name: string): string {
  return name.split('.').slice(1).join('.');
}

/** A wildcard's parent; any other name as it is. */
export function withoutWildcard(name: string): string {
  return name.replace(/^\*\./, '');
}

/** True when the name is the base or lies below it; the empty base holds every name. */
export function isDnsWithin(name: string, base: string): boolean {
  return base === '' || `.${name}`.endsWith(`.${base}`);
}

function normalizeHost(reference: string): string | undefined {
  const host = reference.toLowerCase().replace(/\.$/, '');
  return isDnsName(host) ? host : undefined;
}

/** Whether the entry holds the reference; undefined when the entry is no name, range or `*`. */
function scopeHolds(entry: string, reference: string): boolean | undefined {
  if (entry === '*') return true;
  const range = parseIpRange(entry);
  const address = parseIp(reference);
  if (range) return !!address && isIpWithin(address, range);
  const base = normalizeHost(entry);
  if (base === undefined) return undefined;
  const host = normalizeHost(reference);
  return host !== undefined && isDnsWithin(host, base);
}
