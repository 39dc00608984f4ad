// The management API as a table: method, path, who may, what goes in, what comes out. The listener registers routes and
// checks permissions from it, the client has a method for each line, tests are generated from it.
import type { Route } from './route.ts';
import { APPROVAL_ROUTES } from './routes-approvals.ts';
import { AUDIT_ROUTES } from './routes-audit.ts';
import { DEVICE_ROUTES } from './routes-device.ts';
import { MANIFEST_ROUTES } from './routes-manifest.ts';
import { NETWORK_ROUTES } from './routes-network.ts';
import { OBSERVATION_ROUTES } from './routes-observations.ts';
import { PEOPLE_ROUTES } from './routes-people.ts';
import { PUBLISHER_ROUTES } from './routes-publishers.ts';
import { SERVICE_ROUTES } from './routes-service.ts';
import { TRANSFER_ROUTES } from './routes-transfer.ts';

/** Every route of the management API by the name of its method in the client. */
export const ROUTES = {
  ...SERVICE_ROUTES,
  ...PEOPLE_ROUTES,
  ...AUDIT_ROUTES,
  ...NETWORK_ROUTES,
  ...DEVICE_ROUTES,
  ...OBSERVATION_ROUTES,
  ...MANIFEST_ROUTES,
  ...TRANSFER_ROUTES,
  ...PUBLISHER_ROUTES,
  ...APPROVAL_ROUTES,
} as const;

/** The names of the routes that show one object as it can be changed: their answers have an ETag. */
export const SHOWN_ROUTES: ReadonlySet<string> = new Set(
  Object.values<Route>(ROUTES).flatMap(({ guardedBy }) => (guardedBy === undefined ? [] : [guardedBy])),
);

/** The name of a route, which is also that of the client's method. */
export type RouteName = keyof typeof ROUTES;

/** Whether `name` is a route of this table. */
export function isRouteName(name: string): name is RouteName {
  return Object.hasOwn(ROUTES, name);
}
