// Alerts: what somebody should look at: refusals that are how a cloned device or somebody who guesses looks like, and what people say to the
// approvers. They are entries of the audit whose act begins with "alert.", beside that of the refusal or act itself.
import type { AlertEntry, PageInput } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { appendAudit, type Change } from './audit.ts';
import { parseDateOrTime } from './date-or-time.ts';
import type { Actor, Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import { Refusal } from './refusal.ts';
import type { AuditRow, ManagementTables } from './store/management-ports.ts';

/**
 * What happened: a device that has an owner was claimed again; too many wrong codes; a manifest that contradicts what is known; somebody asks
 * the approvers about an observation, or says that it is hostile.
 */
export type AlertKind =
  | 'claimed-again'
  | 'claim-attempts'
  | 'manifest-conflict'
  | 'observation-asked'
  | 'observation-hostile';

/** What is to be looked at. */
export interface Alert {
  readonly kind: AlertKind;
  /** Who sees it beside the operator of the service. */
  readonly organization: string | null;
  readonly object: string;
  /** No secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A refusal that is also an alert. */
export class AlertRefusal extends Refusal {
  readonly alert: Alert;

  constructor(code: Refusal['code'], message: string, alert: Alert) {
    super(code, message);
    this.alert = alert;
  }
}

/** Throws `cause` again; when it is an alert, it stands in the audit first. To be called outside of the transaction that it ended. */
export async function raiseAlert(management: Management, actor: Actor, cause: unknown): Promise<never> {
  if (cause instanceof AlertRefusal) await alertAbout(management, actor, cause.alert);
  throw cause;
}

/** The alert about what was refused stands in the audit. */
export async function alertAbout(management: Management, actor: Actor, { kind, ...same }: Alert): Promise<void> {
  await management.store.transaction(({ audit }) =>
    appendAudit(audit, { time: management.now(), actor, act: `alert.${kind}`, outcome: 'refused', ...same }),
  );
}

/** The alert about an act stands in the audit, with whatever else the act's transaction does. */
export async function alertWith(
  { audit }: ManagementTables,
  by: { readonly actor: Actor; readonly time: UnixSeconds; readonly change: Change },
  { kind, ...same }: Alert,
): Promise<void> {
  await appendAudit(audit, { ...by, act: `alert.${kind}`, outcome: 'done', ...same });
}

interface AlertQuery extends PageInput {
  readonly organization?: string | undefined;
  readonly since?: string;
}

/** Alerts, newest first, of one organization or of all. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listAlerts(
  management: Management,
  { since, ...input }: AlertQuery,
): Promise<{ items: AlertEntry[]; next: string | null }> {
  const { tables } = management.store;
  const organization = input.organization ?? null;
  if (organization !== null) await findOrganization(tables, organization);
  const page = wantedPage('alerts', { organization, since }, { id: 'number' }, input);
  const rows = await tables.alerts.page({
    organization,
    since: since === undefined ? undefined : parseDateOrTime(since),
    before: page.after?.id ?? null,
    limit: page.limit + 1,
  });
  return pageOf(page, rows, (row) => row, entryOf);
}

function entryOf({ id, time, act, actor, address, object, detail }: AuditRow): AlertEntry {
  const kind = act.slice('alert.'.length);
  const told = JSON.parse(detail) as Record<string, unknown>;
  return { id, time: formatTime(time), kind, actor, address, object, detail: told };
}
