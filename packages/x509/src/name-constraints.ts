// Name constraints (RFC 5280 §4.2.1.10): which names a CA may not certify.

import type { Certificate } from './certificate.ts';
import { refuse } from './errors.ts';
import type { NameConstraints } from './extension-values.ts';
import type { GeneralName } from './general-name.ts';
import { hasPrefixMask, isIpWithin } from './ip.ts';
import { ATTRIBUTE_OIDS, isNameWithin, subjectAttribute } from './name.ts';
import { isDnsName, isDnsWithin, parentOf } from './server-name.ts';

/** How a constraint may be written: `strict` as RFC 5280 says, `lenient` also DNS with a leading dot. */
export type ConstraintForms = 'strict' | 'lenient';

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
    const holds = (base: GeneralName) => {
      spend();
      return base.kind === name.kind && (base.kind !== 'other' || name.kind !== 'other' || base.tag === name.tag);
    };
    const permitted = constraints.permitted.filter(holds);
    const excluded = constraints.excluded.filter(holds);
    const within = permitted.length === 0 || permitted.some((base) => compare(name, base, 'permitted', forms));
    if (!within || excluded.some((base) => compare(name, base, 'excluded', forms))) {
      refuse('name-constraints', 'A CA above may not certify one of the names.', certificate);
    }
  }
}

/**
 * The names a constraint applies to: subject, alternative names, and e-mail addresses in the subject (always, which is
 * stricter than RFC 5280, that asks for it only without a subjectAltName).
 */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject, extensions } = certificate;
  const emails = subjectAttribute(subject, ATTRIBUTE_OIDS['emailAddress'] ?? '');
  return [
    ...(subject.attributes.length > 0 ? [{ kind: 'directory', value: subject } as const] : []),
    ...emails.map((value) => ({ kind: 'email', value }) as const),
    ...(extensions.subjectAltName ?? []),
  ];
}

type Sense = 'permitted' | 'excluded';

/** Whether the subtree holds the name; what cannot be judged is decided against the certificate. */
function compare(name: GeneralName, base: GeneralName, sense: Sense, forms: ConstraintForms): boolean {
  const verdict = judge(name, base, sense, forms);
  return verdict ?? sense === 'excluded';
}

function judge(name: GeneralName, base: GeneralName, sense: Sense, forms: ConstraintForms): boolean | undefined {
  switch (name.kind) {
    case 'dns':
      return base.kind === 'dns'
        ? judgeDns(name.value.toLowerCase(), base.value.toLowerCase(), sense, forms)
        : undefined;
    case 'email':
      return base.kind === 'email' ? judgeEmail(name.value, base.value) : undefined;
    case 'uri':
      return base.kind === 'uri' ? judgeHost(uriHost(name.value), base.value.toLowerCase()) : undefined;
    case 'ip':
      return base.kind === 'ip' && hasPrefixMask(base.value) ? isIpWithin(name.value, base.value) : undefined;
    case 'directory':
      return base.kind === 'directory' ? isNameWithin(name.value, base.value) : undefined;
    case 'other':
      // The form is constrained and cannot be compared.
      return undefined;
  }
}

/** A wildcard stands for all names one label below its parent: permitted needs all of them, excluded any. */
function judgeDns(name: string, base: string, sense: Sense, forms: ConstraintForms): boolean | undefined {
  const dotted = forms === 'lenient' && base.startsWith('.');
  const root = dotted ? base.slice(1) : base;
  const host = name.startsWith('*.') ? name.slice(2) : name;
  if (!isDnsName(host) || (root !== '' && !isDnsName(root))) return undefined;
  if (name === host) return isDnsWithin(host, root) && !(dotted && host === root);
  return isDnsWithin(host, root) || (sense === 'excluded' && parentOf(root) === host);
}

/** A constraint is a mailbox, a host, or with a leading dot all hosts below. Local parts keep their case. */
function judgeEmail(name: string, base: string): boolean | undefined {
  const [local, host, ...rest] = name.split('@');
  if (local === undefined || local === '' || host === undefined || rest.length > 0) return undefined;
  const [baseLocal, baseHost, ...baseRest] = base.split('@');
  if (baseHost === undefined) return judgeHost(host.toLowerCase(), base.toLowerCase());
  if (baseRest.length > 0 || baseLocal === '' || !isDnsName(baseHost.toLowerCase())) return undefined;
  return local === baseLocal && host.toLowerCase() === baseHost.toLowerCase();
}

function judgeHost(host: string | undefined, base: string): boolean | undefined {
  if (host === undefined || !isDnsName(host)) return undefined;
  if (base === '') return true;
  const below = base.startsWith('.');
  if (!isDnsName(below ? base.slice(1) : base)) return undefined;
  return below ? host.endsWith(base) : host === base;
}

/** The host of a URI with an authority, in lower case. */
function uriHost(uri: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri)?.[1]?.toLowerCase();
}
