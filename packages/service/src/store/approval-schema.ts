// The rows of migration 0007 as they are stored; what one means is in management-ports-approvals.ts.

/** Table by table. */
export interface ApprovalDatabase {
  two_person_rules: { organization: string; since: number };
  approvals: {
    id: string;
    organization: string;
    route: string;
    input: string;
    object: string;
    detail: string;
    reason: string | null;
    requested_by: string;
    requested_role: string;
    requested_as: string;
    requested: number;
    expires: number;
    outcome: string | null;
    decided_by: string | null;
    decided: number | null;
    decision_reason: string | null;
  };
}
