export type { Approval, ApprovedAct, TwoPersonRule } from './approvals.ts';
export type { AuditEntries, AuditEntry, AuditPage, ChainCheck, DecisionDigest } from './audit.ts';
export { type CarriedReply, sendCarried } from './carry.ts';
export {
  type AnswerOf,
  type CallOptions,
  type ClientOptions,
  createClient,
  etagOf,
  type InputOf,
  type ManagementClient,
} from './client.ts';
export { commandLoginUrl, redeemCommandLogin } from './command-login.ts';
export { ManagementError, WaitsForApproval } from './errors.ts';
export {
  DEFAULT_TOKEN_DAYS,
  EndpointProtocol,
  MAX_TOKEN_DAYS,
  MAX_UPLOAD_BYTES,
  type OrganizationRole,
  type Role,
  SELF_SIGNED,
} from './forms.ts';
export {
  type AlertEntry,
  MAX_MANIFEST_ROWS,
  type ManifestEntry,
  type ManifestFault,
  type ManifestResult,
  type ManifestRow,
  type OrderClaims,
  type Replacement,
  type TransferEntry,
} from './manifest-schemas.ts';
export type { Observation } from './observations.ts';
export { type ApiDescription, type OpenApiObject, openApiDocument } from './openapi.ts';
export { DEFAULT_PAGE_ITEMS, itemsOf, MAX_PAGE_ITEMS, type Page, type PageInput, pagesOf } from './paging.ts';
export type { NewToken, Person, Session, Token } from './people.ts';
export {
  type ClientErrorCode,
  isProblemCode,
  PROBLEMS,
  type Problem,
  type ProblemCode,
  ProblemSchema,
  problemOf,
} from './problems.ts';
export type { LabelProof, ProofTerms, UnprovedDevice } from './proof-schemas.ts';
export type { Ending, Job, ProfileDraft, PublisherEntry } from './publisher-schemas.ts';
export type { OrganizationSource, Route, SecondPerson } from './route.ts';
export { isRouteName, ROUTES, type RouteName, SHOWN_ROUTES } from './routes.ts';
export { MAX_TRANSFER_DAYS } from './routes-transfer.ts';
export type {
  ClaimEntry,
  Endpoint,
  InspectionCaEntry,
  InspectionCaRole,
  InspectionCaState,
  Manufacturer,
  Network,
  NetworkServices,
  NewOrganization,
  Organization,
  PublishedProfile,
  RegisteredDevice,
} from './schemas.ts';
export type { Device, DeviceReport, Health, NetworkDetail } from './views.ts';
