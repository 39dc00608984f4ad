// What concerns the service as a whole: health, manufacturers, organizations.
import { Type } from 'typebox';
import { CertificatePem, Name, PersonName } from './forms.ts';
import { items } from './paging.ts';
import { ADMIN, closed, nothing, paged, type Route } from './route.ts';
import { Manufacturer, NewOrganization, Organization } from './schemas.ts';
import { Health } from './views.ts';

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
    query: paged,
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
    /** `approver`: the name of its first person; left out, it is named after the organization. */
    body: Type.Object({ name: Name, approver: Type.Optional(PersonName) }, closed),
    answer: NewOrganization,
    secret: 'make another token for its approver with "token recover", where the service runs',
  },
  listOrganizations: {
    method: 'GET',
    path: '/v1/organizations',
    roles: ADMIN,
    organization: 'service',
    act: 'organization.list',
    params: nothing,
    query: paged,
    body: null,
    answer: items(Organization),
  },
} as const satisfies Readonly<Record<string, Route>>;
