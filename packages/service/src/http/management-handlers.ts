// Which noun answers which route. A route without a line here does not compile.
import { type AnswerOf, type InputOf, ROUTES, type Route, type RouteName } from '@windlass/management';
import { addPersonalToken, listTokens, revokeToken } from '../access-tokens.ts';
import { listAlerts } from '../alerts.ts';
import { approve, listApprovals, type RunAct, reject, requestApproval, showApproval } from '../approvals.ts';
import { exportAudit, listAudit, verifyAuditPiece } from '../audit.ts';
import { claimWithCode } from '../claim-codes.ts';
import { addClaim, releaseClaim } from '../claims.ts';
import { digestDecisions } from '../decision-digests.ts';
import { listDevices } from '../device-list.ts';
import { showDevice } from '../devices.ts';
import { listEndings } from '../endings.ts';
import { addEndpoint, listEndpoints, removeEndpoint } from '../endpoints.ts';
import { healthOf } from '../health.ts';
import { type Answer, STATUS_WAITING } from '../idempotency.ts';
import { approveInspectionCa } from '../inspection-ca-approval.ts';
import { removeInspectionCa, retireInspectionCa, revokeInspectionCa } from '../inspection-ca-ending.ts';
import { addInspectionCa, listInspectionCas, showInspectionCa } from '../inspection-cas.ts';
import { listJobs } from '../jobs.ts';
import { askKillSwitch } from '../kill-switch.ts';
import { type Actor, type Management, together } from '../management.ts';
import { listManifest } from '../manifest-list.ts';
import { importManifest } from '../manifests.ts';
import { addManufacturer, listManufacturers } from '../manufacturers.ts';
import { showNetwork } from '../network-detail.ts';
import { setNetworkServices } from '../network-services.ts';
import { addNetwork, listNetworks } from '../networks.ts';
import {
  askAboutObservation,
  clearObservation,
  ignoreObservation,
  linkObservation,
  markObservationHostile,
} from '../observation-marks.ts';
import { listObservations } from '../observations.ts';
import { claimOrder } from '../order-claims.ts';
import { addOrganization, listOrganizations } from '../organizations.ts';
import { inPages } from '../paging.ts';
import { addPerson, disablePerson, grantRole, listPeople, revokeRole, showPerson } from '../people.ts';
import { placeDevice, replaceDevice } from '../placement.ts';
import { draftProfile, submitProfile } from '../profile-submission.ts';
import { listProfiles, publishProfile } from '../profiles.ts';
import { addPublisher, listPublishers, removePublisher, showPublisher } from '../publishers.ts';
import { registerDevice } from '../registered-devices.ts';
import { needsSecondPerson } from '../second-person.ts';
import { listSessions, revokeSession } from '../sessions.ts';
import { acceptTransfer, listTransfers, offerTransfer, revokeTransfer, showTransfer } from '../transfers.ts';
import { setTwoPersonRule, showTwoPersonRule } from '../two-person-rule.ts';
import { listUnproved, proveClaim } from '../unproved-claims.ts';

/** One handler per route: the input has passed the schema, the actor the route's roles and organization. */
export type Handlers = {
  readonly [Name in RouteName]: (management: Management, actor: Actor, input: InputOf<Name>) => Promise<AnswerOf<Name>>;
};

/** The handlers of all routes. */
export const HANDLERS: Handlers = {
  health: (management) => healthOf(management),
  addManufacturer,
  listManufacturers: (management, _, input) => inPages('manufacturers', listManufacturers(management), input),
  addOrganization,
  listOrganizations: (management, _, input) => inPages('organizations', listOrganizations(management), input),
  addPerson,
  listPeople,
  showPerson,
  disablePerson,
  grantRole,
  revokeRole,
  addToken: addPersonalToken,
  listTokens,
  revokeToken,
  listSessions,
  revokeSession,
  addNetwork,
  listNetworks: (management, _, input) => inPages('networks', listNetworks(management, input.organization), input),
  showNetwork: (management, _, input) => showNetwork(management, input),
  setNetworkServices,
  addEndpoint,
  listEndpoints: (management, _, input) => inPages('endpoints', listEndpoints(management, input), input),
  removeEndpoint,
  addInspectionCa,
  listInspectionCas: (management, _, input) => inPages('inspection CAs', listInspectionCas(management, input), input),
  showInspectionCa: (management, _, input) => showInspectionCa(management, input),
  retireInspectionCa,
  approveInspectionCa,
  revokeInspectionCa,
  removeInspectionCa,
  publishProfile,
  listProfiles: (management, _, input) => listProfiles(management, input),
  draftProfile: (management, _, input) => draftProfile(management, input),
  submitProfile,
  addPublisher,
  listPublishers: (management, _, input) => inPages('publishers', listPublishers(management, input), input),
  showPublisher: (management, _, input) => showPublisher(management, input),
  removePublisher,
  killSwitch: askKillSwitch,
  setTwoPersonRule,
  showTwoPersonRule: (management, _, input) => showTwoPersonRule(management, input),
  listApprovals: (management, _, input) => listApprovals(management, input),
  showApproval,
  approve: (management, actor, input) => approve(management, actor, { ...input, run }),
  reject,
  listJobs: (management, _, input) => listJobs(management, input),
  listEndings: (management, _, input) => inPages('endings', listEndings(management, input.organization ?? null), input),
  addClaim,
  releaseClaim,
  proveClaim,
  listUnprovedClaims: (management, _, input) =>
    inPages('unproved claims', listUnproved(management, input.organization ?? null), input),
  importManifest,
  listManifest: (management, _, input) => listManifest(management, input),
  claimOrder,
  claimWithCode,
  placeDevice,
  replaceDevice,
  offerTransfer,
  listTransfers: (management, _, input) => listTransfers(management, input),
  showTransfer,
  acceptTransfer,
  revokeTransfer,
  listAlerts: (management, _, input) => listAlerts(management, input),
  registerDevice,
  listDevices: (management, _, input) => listDevices(management, input),
  showDevice,
  listObservations: (management, _, input) => inPages('observations', listObservations(management, input), input),
  linkObservation,
  askAboutObservation,
  ignoreObservation,
  markObservationHostile,
  clearObservation,
  exportAudit: (management, _, { organization, ...query }) =>
    exportAudit(management, { ...query, organization: organization ?? null }),
  verifyAudit: (management, _, piece) => verifyAuditPiece(management, piece),
  digestDecisions,
  listAudit: (management, _, { organization, ...page }) =>
    listAudit(management, { ...page, organization: organization ?? null }),
};

/** Does the act of a route, whoever else has to agree. */
const run: RunAct = (management, actor, name, input) => (HANDLERS[name] as Handler)(management, actor, input);
type Handler = (management: Management, actor: Actor, input: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The act is done, or waits for a second person where the organization demands one. @throws Refusal, and what the act throws */
export async function handle(
  management: Management,
  actor: Actor,
  name: RouteName,
  input: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const route: Route = ROUTES[name];
  const status = route.method === 'POST' ? 201 : 200;
  if (route.secondPerson === undefined) return { status, body: await run(management, actor, name, input) };
  // What is looked at stays so until the act is done: nobody becomes an approver in between.
  return together(management, async (inside) => {
    if (await needsSecondPerson(inside.store.tables, route, actor, input)) {
      return { status: STATUS_WAITING, body: await requestApproval(inside, actor, { route: name, input, run }) };
    } // spec S16
    return { status, body: await run(inside, actor, name, input) };
  });
}
