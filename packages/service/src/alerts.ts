// Alerts: refusals that somebody should look at, because they are how a cloned device or somebody who guesses looks like. They are entries of
// the audit whose act begins with "alert.", beside the refusal itself.
import type { AlertEntry } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import type { Actor, Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';

const MAX_ALERTS = 200;

/** What happened: a device that has an owner was claimed again; too many wrong codes; a manifest that contradicts what is known. */
export type AlertKind = 'claimed-again' | 'claim-attempts' | 'manifest-conflict';

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

/** The alert stands in the audit. */
export async function alertAbout(management: Management, actor: Actor, alert: Alert): Promise<void> {
  const { kind, ...same } = alert;
  await management.store.transaction(({ audit }) =>
    appendAudit(audit, { time: management.now(), actor, act: `alert.${kind}`, outcome: 'refused', ...same }),
  );
}

/** The newest alerts, of one organization or of all. @throws Refusal `not-found` */
export async function listAlerts(
  management: Management,
  organization: string | null,
): Promise<{ items: AlertEntry[] }> {
  const { tables } = management.store;
  if (organization !== null) await findOrganization(tables, organization);
  const rows = await tables.alerts.page(organization, MAX_ALERTS);
  const items = rows.map(({ id, time, act, actor, address, object, detail }) => ({
    id,
    time: formatTime(time),
    kind: act.slice('alert.'.length),
    actor,
    address,
    object,
    detail: JSON.parse(detail) as Record<string, unknown>,
  }));
  return { items };
}
