// Acts that wait for a second person. What is approved is the very input that was asked for; it is done in one transaction with the
// approval, by who approves, and the audit names both.
import { type Approval, type ApprovedAct, type PageInput, ROUTES, type RouteName } from '@windlass/management';
import { formatTime, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { canonicalJson } from './audit.ts';
import { expectedContent } from './inspection-ca-approval.ts';
import { type Actor, type Management, perform, within } from './management.ts';
import { findOrganization } from './organizations.ts';
import { pageOf, wantedPage } from './paging.ts';
import { draftProfile } from './profile-submission.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';
import type { ApprovalOutcome, StoredApproval } from './store/management-ports-approvals.ts';
import { tryOut } from './trial.ts';

type Input = Readonly<Record<string, unknown>>;
/** Does the act of a route. */
export type RunAct = (management: Management, actor: Actor, route: RouteName, input: Input) => Promise<unknown>;

const ID_BYTES = 16;
const WAITING_SECONDS = 7 * 86_400;
/** Of what one person asked for: nobody keeps the others from asking. */
const MAX_WAITING = 100;

/**
 * The act waits for a second person. It is tried out first and undone, so that what would be refused is refused now, and whoever approves
 * reads what the audit will say.
 * @throws Refusal what the act throws; `limit-reached`
 */
export async function requestApproval(
  management: Management,
  actor: Actor,
  { route, input, run }: { readonly route: RouteName; readonly input: Input; readonly run: RunAct },
): Promise<Approval> {
  return perform(management, actor, 'approval.request', async (tables, now) => {
    const { organization, person, role } = actor;
    if (organization === null || person === null || role === 'none') {
      throw new Error('Only a person of an organization asks for an approval.');
    }
    refuseUnless(
      (await tables.approvals.waitingOf(organization, person, now)) < MAX_WAITING,
      'limit-reached',
      `${MAX_WAITING} acts that you asked for wait for a second person: withdraw some first ("windlass approval list").`,
    ); // spec S16
    const exact = await pinned(within(management, tables), route, input);
    const { object, detail } = await tryOut(management, tables, (trial) => run(trial, actor, route, exact));
    const stored: StoredApproval = {
      id: Buffer.from(management.randomBytes(ID_BYTES)).toString('hex'),
      organization,
      route,
      input: canonicalJson(exact),
      object,
      detail,
      reason: typeof input['reason'] === 'string' ? input['reason'] : null,
      requestedBy: person,
      requestedRole: role,
      requestedAs: actor.name,
      requested: now,
      expires: unixSeconds(now + WAITING_SECONDS),
      decision: null,
    };
    await tables.approvals.add(stored);
    const result = approvalOf(stored, now);
    const after = { state: result.state, expires: result.expires };
    return {
      result,
      organization,
      object,
      detail: { approval: stored.id, act: result.act, asked: detail },
      change: { before: null, after },
      reason: stored.reason ?? undefined,
    };
  });
}

/** What was looked at is what is published or let in, whatever is prepared meanwhile. */
async function pinned(management: Management, route: RouteName, input: Input): Promise<Input> {
  if (input['expect'] !== undefined) return input;
  const inNetwork = { organization: String(input['organization']), network: String(input['network']) };
  if (route === 'publishProfile') return { ...input, expect: (await draftProfile(management, inNetwork)).content };
  if (route !== 'approveInspectionCa') return input;
  const draft = { ...inNetwork, fingerprint: String(input['fingerprint']) };
  return { ...input, expect: await expectedContent(management, draft) };
}

/** Of the organization, or of all; those that wait first, the newest before others. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listApprovals(
  { store: { tables }, now }: Management,
  input: PageInput & { readonly organization?: string | undefined },
): Promise<{ items: Approval[]; next: string | null }> {
  const owner = input.organization === undefined ? null : await findOrganization(tables, input.organization);
  const organization = owner?.name ?? null;
  const page = wantedPage(
    'approvals',
    { organization },
    { decided: 'number', requested: 'number', id: 'string' },
    input,
  );
  const after = page.after === null ? null : { ...page.after, isDecided: page.after.decided === 1 };
  const rows = await tables.approvals.page({ organization, after, limit: page.limit + 1 });
  return pageOf(
    page,
    rows,
    ({ decision, requested, id }) => ({ decided: decision === null ? 0 : 1, requested, id }),
    (stored) => approvalOf(stored, now()),
  );
}

/** @throws Refusal `not-found` */
export async function showApproval(
  { store: { tables }, now }: Management,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<Approval> {
  const found = await tables.approvals.find(id);
  if (found !== null && (actor.role === 'admin' || found.organization === actor.organization)) {
    return approvalOf(found, now());
  }
  throw unknownApproval(id);
}

/**
 * The act is done, by two people.
 * @throws Refusal `not-found`, `approval-ended`, `second-person-needed` (the same person), and what the act throws, which leaves it waiting
 */
export async function approve(
  management: Management,
  actor: Actor,
  { id, reason, run }: { readonly id: string; readonly reason?: string; readonly run: RunAct },
): Promise<ApprovedAct> {
  const approved = await perform(management, actor, 'approval.approve', async (tables, now) => {
    const { stored, person } = await waiting(tables, actor, id, now);
    refuseUnless(
      person !== stored.requestedBy,
      'second-person-needed',
      `You asked for this yourself: another approver of ${stored.organization} has to approve it.`,
    ); // spec S16
    await refuseWithoutRight(tables, stored); // spec S16
    const decided = await decide(tables, stored, { outcome: 'approved', by: person, at: now, reason: reason ?? null });
    const { requestedAs, requested } = stored;
    const both = { ...actor, approval: { id, requestedBy: requestedAs, requested: formatTime(requested) } };
    const result = await run(within(management, tables), both, stored.route, JSON.parse(stored.input) as Input);
    const entry = approvalOf(decided, now);
    return { ...doneOf(stored, entry, reason), result: { approval: entry, result } };
  });
  // What the act woke up may have looked before it was stored.
  management.jobs.wake();
  return approved;
}

/** The act is not done; by who asked, it is withdrawn. @throws Refusal `not-found`, `approval-ended` */
export async function reject(
  management: Management,
  actor: Actor,
  { id, reason }: { readonly id: string; readonly reason?: string },
): Promise<Approval> {
  return perform(management, actor, 'approval.reject', async (tables, now) => {
    const { stored, person } = await waiting(tables, actor, id, now);
    const outcome: ApprovalOutcome = person === stored.requestedBy ? 'withdrawn' : 'rejected';
    const decided = await decide(tables, stored, { outcome, by: person, at: now, reason: reason ?? null });
    const entry = approvalOf(decided, now);
    return { ...doneOf(stored, entry, reason), result: entry };
  });
}

/** @throws Refusal `not-found`, `approval-ended` */
async function waiting(
  tables: ManagementTables,
  actor: Actor,
  id: string,
  now: UnixSeconds,
): Promise<{ readonly stored: StoredApproval; readonly person: string }> {
  const stored = await tables.approvals.find(id);
  if (stored === null || stored.organization !== actor.organization || actor.person === null) throw unknownApproval(id);
  const state = stateOf(stored, now);
  refuseUnless(state === 'waiting', 'approval-ended', `This is ${state}: ask for it again if it is still wanted.`);
  return { stored, person: actor.person };
}

/** Who asked may still ask. @throws Refusal `approval-ended` */
async function refuseWithoutRight(tables: ManagementTables, stored: StoredApproval): Promise<void> {
  const { requestedBy, requestedRole, organization } = stored;
  const asker = await tables.people.find(requestedBy, organization);
  refuseUnless(
    asker !== null && asker.disabled === null && asker.roles.includes(requestedRole),
    'approval-ended',
    `${requestedBy}, who asked for this, does not have the role ${requestedRole} any more: reject it, and ask for it yourself.`,
  );
}

async function decide(
  tables: ManagementTables,
  stored: StoredApproval,
  decision: NonNullable<StoredApproval['decision']>,
): Promise<StoredApproval> {
  await tables.approvals.decide(stored.id, decision);
  return { ...stored, decision };
}

function doneOf({ id, organization, object }: StoredApproval, { act, state, requestedBy }: Approval, reason?: string) {
  const change = { before: { state: 'waiting' }, after: { state } };
  return { organization, object, detail: { approval: id, act, requestedBy }, change, reason };
}

function unknownApproval(id: string): Refusal {
  return new Refusal('not-found', `There is no approval ${id}: "approval list" has those of your organization.`);
}

function stateOf({ decision, expires }: StoredApproval, now: UnixSeconds): Approval['state'] {
  return decision?.outcome ?? (expires < now ? 'expired' : 'waiting');
}

function approvalOf(stored: StoredApproval, now: UnixSeconds): Approval {
  const { id, organization, route, object, detail, reason, requestedBy, decision } = stored;
  return {
    id,
    organization,
    act: ROUTES[route].act,
    object,
    detail: { ...detail },
    reason,
    requestedBy,
    requested: formatTime(stored.requested),
    expires: formatTime(stored.expires),
    state: stateOf(stored, now),
    decidedBy: decision?.by ?? null,
    decided: decision === null ? null : formatTime(decision.at),
    decisionReason: decision?.reason ?? null,
  };
}
