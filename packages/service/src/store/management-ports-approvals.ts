// What the management side keeps of the second person. SQL is behind it; its rows are in approval-schema.ts.
import type { Role, RouteName } from '@windlass/management';
import type { OrganizationId, UnixSeconds } from '@windlass/protocol';

/** How an approval ended. */
export type ApprovalOutcome = 'approved' | 'rejected' | 'withdrawn';

/** An act that one approver asked for. */
export interface StoredApproval {
  readonly id: string;
  readonly organization: OrganizationId;
  readonly route: RouteName;
  /** Canonical JSON of what the act is given: what is approved is this and nothing else. */
  readonly input: string;
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  /** The person; with which role they asked; how the audit names them. */
  readonly requestedBy: string;
  readonly requestedRole: Role;
  readonly requestedAs: string;
  readonly requested: UnixSeconds;
  /** The last second in which it can be approved. */
  readonly expires: UnixSeconds;
  /** null: nobody decided. */
  readonly decision: ApprovalDecision | null;
}

/** What somebody decided. */
export interface ApprovalDecision {
  readonly outcome: ApprovalOutcome;
  readonly by: string;
  readonly at: UnixSeconds;
  readonly reason: string | null;
}

/** Approvals; in lists what nobody decided comes first, and the newest before others. */
export interface ApprovalTable {
  find(id: string): Promise<StoredApproval | null>;
  /** Of the organization, or of all; after that one, or from the first on. */
  page(which: {
    readonly organization: OrganizationId | null;
    readonly after: { readonly isDecided: boolean; readonly requested: number; readonly id: string } | null;
    readonly limit: number;
  }): Promise<readonly StoredApproval[]>;
  /** How many that this person of the organization asked for nobody decided, and can still be approved at this time. */
  waitingOf(organization: OrganizationId, person: string, now: UnixSeconds): Promise<number>;
  add(approval: StoredApproval): Promise<void>;
  /** Its input is forgotten: it may be large, and what was done is in the audit. */
  decide(id: string, decision: ApprovalDecision): Promise<void>;
}

/** Which organizations demand two people. */
export interface TwoPersonTable {
  /** Since when; null: one is enough. */
  since(organization: OrganizationId): Promise<UnixSeconds | null>;
  set(organization: OrganizationId, since: UnixSeconds | null): Promise<void>;
}
