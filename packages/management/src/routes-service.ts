// What concerns the service as a whole: health, manufacturers, organizations, the audit.
import { Type } from 'typebox';
import { CertificatePem, Name } from './forms.ts';
import { ADMIN, closed, items, nothing, READERS, type Route } from './route.ts';
import { Manufacturer, NewOrganization, Organization } from './schemas.ts';
import { AuditPage, Health } from './views.ts';

/** Routes by the name of their method in the client. */
export const SERVICE_ROUTES = {
  health: {
    method: 'GET',
    path: '/healthz',
    roles: [],
    organization: 'service',
    act: 'health.show',
    params: nothing,
    query: nothing,
    body: null,
    answer: Health,
  },
  addManufacturer: {
    method: 'POST',
    path: '/v1/manufacturers',
    roles: ADMIN,
    organization: 'service',
    act: 'manufacturer.add',
    params: nothing,
    query: nothing,
    body: Type.Object({ name: Name, certificate: CertificatePem }, closed),
    answer: Manufacturer,
  },
  listManufacturers: {
    method: 'GET',
    path: '/v1/manufacturers',
    roles: ADMIN,
    organization: 'service',
    act: 'manufacturer.list',
    params: nothing,
    query: nothing,
    body: null,
    answer: items(Manufacturer),
  },
  addOrganization: {
    method: 'POST',
    path: '/v1/organizations',
    roles: ADMIN,
    organization: 'service',
    act: 'organization.add',
    params: nothing,
    query: nothing,
    body: Type.Object({ name: Name }, closed),
    answer: NewOrganization,
  },
  listOrganizations: {
    method: 'GET',
    path: '/v1/organizations',
    roles: ADMIN,
    organization: 'service',
    act: 'organization.list',
    params: nothing,
    query: nothing,
    body: null,
    answer: items(Organization),
  },
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    roles: READERS,
    organization: 'query',
    act: 'audit.list',
    params: nothing,
    query: Type.Object(
      {
        organization: Type.Optional(Name),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'a number from 1 to 1000' })),
        /** Entries with a smaller id only: the page after. */
        before: Type.Optional(Type.Integer({ minimum: 1, description: 'the id of an entry' })),
      },
      closed,
    ),
    body: null,
    answer: AuditPage,
  },
} as const satisfies Readonly<Record<string, Route>>;
