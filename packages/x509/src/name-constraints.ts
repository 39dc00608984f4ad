// Name constraints (RFC 5280 §4.2.1.10): which names a CA may not certify.

import type { Certificate } from './certificate.ts';
import { refuse } from './errors.ts';
import type { NameConstraints } from './extension-values.ts';
import type { GeneralName } from './general-name.ts';
import { hasPrefixMask, isIpWithin } from './ip.ts';
import { ATTRIBUTE_OIDS, isNameWithin, type Name, subjectAttribute } from './name.ts';
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
 * @param spend is called before each comparison of names of one form, and throws when the budget is used up
 * @throws X509Error `name-constraints` about the certificate
 */
export function checkNameConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  { forms, spend }: { readonly forms: ConstraintForms; readonly spend: () => void },
): void {
  const permitted = byForm(constraints.permitted, { sense: 'permitted', forms });
  const excluded = byForm(constraints.excluded, { sense: 'excluded', forms });
  for (const name of namesOf(certificate)) {
    const subject = subjectOf(name);
    const judged = (judge: Judge) => {
      spend();
      return judge(subject);
    };
    const form = formOf(name);
    // What cannot be judged is decided against the certificate.
    const isPermitted = permitted.get(form)?.some(judged) ?? true;
    const isExcluded = excluded.get(form)?.some((judge) => judged(judge) !== false);
    if (!isPermitted || isExcluded) refuse('name-constraints', certificate);
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

/** Names are compared with subtrees of their own form. */
function formOf(name: GeneralName): string {
  return name.kind === 'other' ? `${name.tag}` : name.kind;
}

function byForm(subtrees: readonly GeneralName[], use: SubtreeUse): ReadonlyMap<string, readonly Judge[]> {
  const judges = new Map<string, Judge[]>();
  for (const base of subtrees) {
    const form = formOf(base);
    const others = judges.get(form) ?? [];
    judges.set(form, others);
    others.push(judgeOf(base, use));
  }
  return judges;
}

/** What of a name is compared. */
interface Subject {
  readonly directory?: Name;
  readonly address?: Uint8Array;
  readonly local?: string | undefined;
  /** Undefined where it is none. */
  readonly host?: string | undefined;
  readonly isWildcard?: boolean;
}

/** Whether a subtree holds a name of its form; undefined when they cannot be compared. */
type Judge = (name: Subject) => boolean | undefined;

function subjectOf({ kind, value }: GeneralName): Subject {
  if (kind === 'directory') return { directory: value };
  if (kind === 'ip' || kind === 'other') return { address: value };
  const [, local, domain] = MAILBOX.exec(value) ?? [];
  const text = (kind === 'email' ? domain : kind === 'uri' ? hostOf(value) : value)?.toLowerCase() ?? '';
  const host = kind === 'dns' ? withoutWildcard(text) : text;
  return { local, host: isDnsName(host) ? host : undefined, isWildcard: host !== text };
}

function judgeOf({ kind, value }: GeneralName, use: SubtreeUse): Judge {
  if (kind === 'dns') return judgeDns(value.toLowerCase(), use);
  if (kind === 'email' && value.includes('@')) return judgeMailbox(value);
  if (kind === 'email' || kind === 'uri') return judgeHost(value.toLowerCase());
  if (kind === 'directory') return ({ directory }) => directory && isNameWithin(directory, value);
  if (kind !== 'ip' || !hasPrefixMask(value)) return () => undefined;
  return ({ address }) => address && isIpWithin(address, value);
}

/** A wildcard stands for all names one label below its parent: permitted needs all of them, excluded any. */
function judgeDns(base: string, { sense, forms }: SubtreeUse): Judge {
  const root = forms === 'lenient' ? base.replace(/^\./, '') : base;
  const isSound = root === '' || isDnsName(root);
  const parent = parentOf(root);
  return ({ host, isWildcard }) => {
    if (!isSound || host === undefined) return undefined;
    const isBelow = isDnsWithin(host, root);
    if (!isWildcard) return isBelow && (root === base || host !== root);
    return isBelow || (sense === 'excluded' && parent === host && root === base);
  };
}

/** One mailbox; local parts keep their case. */
function judgeMailbox(base: string): Judge {
  const { local, host } = subjectOf({ kind: 'email', value: base });
  return (name) => (host && name.host ? name.local === local && name.host === host : undefined);
}

/** A host, or with a leading dot all hosts below, or empty all there are. */
function judgeHost(base: string): Judge {
  const root = base.replace(/^\./, '');
  const isSound = base === '' || isDnsName(root);
  return ({ host }) => {
    if (!isSound || host === undefined) return undefined;
    return root === base ? base === '' || host === base : host.endsWith(base);
  };
}

/** The host of a URI with an authority. */
function hostOf(uri: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1];
}
