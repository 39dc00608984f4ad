// The management API as a table: method, path, who may, what goes in, what comes out. The listener registers routes and
// checks permissions from it, the client has a method for each line, tests are generated from it.
import { DEVICE_ROUTES } from './routes-device.ts';
import { NETWORK_ROUTES } from './routes-network.ts';
import { SERVICE_ROUTES } from './routes-service.ts';

/** Every route of the management API by the name of its method in the client. */
export const ROUTES = { ...SERVICE_ROUTES, ...NETWORK_ROUTES, ...DEVICE_ROUTES } as const;

/** The name of a route, which is also that of the client's method. */
export type RouteName = keyof typeof ROUTES;
