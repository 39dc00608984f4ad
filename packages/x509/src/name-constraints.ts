// Name constraints (RFC 5280 §4.2.1.10): which names a CA may not certify.

import type { Certificate } from './certificate.ts';
import { refuse } from './errors.ts';
import type { NameConstraints } from './extension-values.ts';
import type { GeneralName } from './general-name.ts';
import { hasPrefixMask, isIpWithin } from './ip.ts';
import { ATTRIBUTE_OIDS, isNameWithin, subjectAttribute } from './name.ts';
import { isDnsName, isDnsWithin, parentOf, withoutWildcard } from './server-name.ts';

/** How a constraint may be written: `strict` as RFC 5280 says, `lenient` also DNS with a leading dot. */
export type ConstraintForms = 'strict' | 'lenient';

/** What a subtree is for, and how it may be written. */
interface SubtreeUse {
  readonly sense: 'permitted' | 'excluded';
  readonly forms: ConstraintForms;
}

const MAILBOX = /^([^@]+)@([^@]+)$/;

/**
 * Nothing happens when every name of the certificate lies in the constraints.
 * @param spend is called before each comparison, and throws when the budget is used up
 * @throws X509Error `name-constraints` about the certificate
 */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  { forms, spend }: { readonly forms: ConstraintForms; readonly spend: () => void },
): void {
  for (const name of namesOf(certificate)) {
    const isAbout = (base: GeneralName) => {
      spend();
      return isSameForm(name, base);
    };
    const permitted = constraints.permitted.filter(isAbout);
    const excluded = constraints.excluded.filter(isAbout);
    // What cannot be judged is decided against the certificate.
    const isPermitted = permitted.some((base) => judge(name, base, { sense: 'permitted', forms }));
    const isExcluded = excluded.some((base) => judge(name, base, { sense: 'excluded', forms }) !== false);
    if ((permitted.length > 0 && !isPermitted) || isExcluded) refuse('name-constraints', certificate);
  }
}

/**
 * The names a constraint applies to: subject, alternative names, and e-mail addresses in the subject (always, which is
 * stricter than RFC 5280, that asks for it only without a subjectAltName).
 */
function namesOf({ subject, extensions }: Certificate): readonly GeneralName[] {
  const emails = subjectAttribute(subject, ATTRIBUTE_OIDS['emailAddress'] ?? '');
  return [
    ...(subject.folded.length > 0 ? [{ kind: 'directory', value: subject } as const] : []),
    ...emails.map((value) => ({ kind: 'email', value }) as const),
    ...(extensions.subjectAltName ?? []),
  ];
}

function isSameForm(name: GeneralName, base: GeneralName): boolean {
  return name.kind === base.kind && (name.kind !== 'other' || base.kind !== 'other' || name.tag === base.tag);
}

/** Whether the subtree holds the name, which is of the same form; undefined when they cannot be compared. */
function judge(name: GeneralName, base: GeneralName, use: SubtreeUse): boolean | undefined {
  const { kind, value } = name;
  if (typeof value === 'string' && typeof base.value === 'string') {
    if (kind === 'email') return judgeEmail(value, base.value);
    const root = base.value.toLowerCase();
    return kind === 'uri' ? judgeHost(uriHost(value), root) : judgeDns(value.toLowerCase(), root, use);
  }
  if (name.kind === 'directory' && base.kind === 'directory') return isNameWithin(name.value, base.value);
  if (name.kind !== 'ip' || base.kind !== 'ip' || !hasPrefixMask(base.value)) return undefined;
  return isIpWithin(name.value, base.value);
}

/** A wildcard stands for all names one label below its parent: permitted needs all of them, excluded any. */
function judgeDns(name: string, base: string, { sense, forms }: SubtreeUse): boolean | undefined {
  const root = forms === 'lenient' ? base.replace(/^\./, '') : base;
  const host = withoutWildcard(name);
  if (!isDnsName(host) || (root !== '' && !isDnsName(root))) return undefined;
  const isBelow = isDnsWithin(host, root);
  if (name === host) return isBelow && (root === base || host !== root);
  return isBelow || (sense === 'excluded' && parentOf(root) === host);
}

/** A constraint is a mailbox, a host, or with a leading dot all hosts below. Local parts keep their case. */
function judgeEmail(name: string, base: string): boolean | undefined {
  const [, local, host] = MAILBOX.exec(name) ?? [];
  if (host === undefined) return undefined;
  if (!base.includes('@')) return judgeHost(host.toLowerCase(), base.toLowerCase());
  const [, baseLocal, baseHost = ''] = MAILBOX.exec(base) ?? [];
  if (!isDnsName(baseHost.toLowerCase())) return undefined;
  return local === baseLocal && host.toLowerCase() === baseHost.toLowerCase();
}

function judgeHost(host: string | undefined, base: string): boolean | undefined {
  if (host === undefined || !isDnsName(host)) return undefined;
  if (base === '') return true;
  const root = base.replace(/^\./, '');
  if (!isDnsName(root)) return undefined;
  return root === base ? host === base : host.endsWith(base);
}

/** The host of a URI with an authority, in lower case. */
function uriHost(uri: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]?.toLowerCase();
}
