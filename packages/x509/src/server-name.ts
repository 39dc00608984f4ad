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
export function matchServerName(certificate: Certificate, reference: string): boolean {
  const names = certificate.extensions.subjectAltName ?? [];
  const address = parseIp(reference);
  if (address !== undefined) return names.some((name) => name.kind === 'ip' && equalBytes(name.value, address));
  const host = normalizeHost(reference);
  if (host === undefined) return false;
  const parent = parentOf(host);
  return names.some((name) => {
    if (name.kind !== 'dns') return false;
    const presented = name.value.toLowerCase();
    if (!presented.startsWith('*.')) return presented === host;
    return presented.slice(2) === parent && isDnsName(parent) && parent.includes('.');
  });
}

/** Names that an inspection CA may speak for; absent `permittedNames` permits every name. */
export interface NameScope {
  /** `example.com` (with all below), `10.0.0.0/8`, `2001:db8::/32`, an address, or `*`. */
  readonly permittedNames?: readonly string[] | undefined;
  readonly excludedNames?: readonly string[] | undefined;
}

/** True when the host name or address is permitted and not excluded; an excluded entry that is no name excludes all. */
export function isNameInScope(reference: string, { permittedNames, excludedNames }: NameScope): boolean {
  const permitted = permittedNames?.some((entry) => scopeHolds(entry, reference) === true) ?? true;
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
    !/^\d+$/.test(labels[labels.length - 1] ?? '')
  );
}

/** The name without its first label; empty at the top. */
export function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** True when the name is the base or lies below it; the empty base holds every name. */
export function isDnsWithin(name: string, base: string): boolean {
  return base === '' || name === base || name.endsWith(`.${base}`);
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
  if (range !== undefined) return address !== undefined && isIpWithin(address, range);
  const base = normalizeHost(entry);
  if (base === undefined) return undefined;
  const host = normalizeHost(reference);
  return address === undefined && host !== undefined && isDnsWithin(host, base);
}
