// Which noun answers which route. A route without a line here does not compile.
import type { AnswerOf, InputOf, RouteName } from '@windlass/management';
import { listAudit } from '../audit.ts';
import { addClaim, releaseClaim } from '../claims.ts';
import { listDevices, showDevice } from '../devices.ts';
import { addEndpoint, listEndpoints, removeEndpoint } from '../endpoints.ts';
import { healthOf } from '../health.ts';
import { addInspectionCa, listInspectionCas, retireInspectionCa } from '../inspection-cas.ts';
import type { Actor, Management } from '../management.ts';
import { addManufacturer, listManufacturers } from '../manufacturers.ts';
import { addNetwork, listNetworks } from '../networks.ts';
import { listObservations } from '../observations.ts';
import { addOrganization, listOrganizations } from '../organizations.ts';
import { listProfiles, publishProfile } from '../profiles.ts';
import { registerDevice } from '../registered-devices.ts';

/** One handler per route: the input has passed the schema, the actor the route's roles and organization. */
export type Handlers = {
  readonly [Name in RouteName]: (management: Management, actor: Actor, input: InputOf<Name>) => Promise<AnswerOf<Name>>;
};

/** The handlers of all routes. */
export const HANDLERS: Handlers = {
  health: (management) => healthOf(management),
  addManufacturer,
  listManufacturers,
  addOrganization,
  listOrganizations,
  addNetwork,
  listNetworks: (management, _, { organization }) => listNetworks(management, organization),
  addEndpoint,
  listEndpoints: (management, _, input) => listEndpoints(management, input),
  removeEndpoint,
  addInspectionCa,
  listInspectionCas: (management, _, input) => listInspectionCas(management, input),
  retireInspectionCa,
  publishProfile,
  listProfiles: (management, _, input) => listProfiles(management, input),
  addClaim,
  releaseClaim,
  registerDevice,
  listDevices: (management, _, { organization }) => listDevices(management, organization ?? null),
  showDevice,
  listObservations: (management, _, { organization }) => listObservations(management, organization ?? null),
  listAudit: (management, _, { organization, ...page }) =>
    listAudit(management, { ...page, organization: organization ?? null }),
};
