export { type AnswerOf, type ClientOptions, createClient, type InputOf, type ManagementClient } from './client.ts';
export { ManagementError } from './errors.ts';
export { MAX_UPLOAD_BYTES, type OrganizationRole, type Role, SELF_SIGNED } from './forms.ts';
export {
  type ClientErrorCode,
  isProblemCode,
  PROBLEMS,
  type Problem,
  type ProblemCode,
  ProblemSchema,
  problemOf,
} from './problems.ts';
export type { OrganizationSource, Route } from './route.ts';
export { ROUTES, type RouteName } from './routes.ts';
export type {
  ClaimEntry,
  Endpoint,
  InspectionCaEntry,
  Manufacturer,
  Network,
  NewOrganization,
  Organization,
  PublishedProfile,
  RegisteredDevice,
} from './schemas.ts';
export type { AuditEntry, AuditPage, Device, DeviceReport, Health, Observation } from './views.ts';
