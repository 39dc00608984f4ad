// Who may pass: the route table's roles, and for a member the one organization that exists for them.
import type { Route } from '@windlass/management';
import type { Actor } from '../management.ts';
import { unknownOrganization } from '../organizations.ts';
import { refuseUnless } from '../refusal.ts';

/** The flat input of a route: parameters, query and body. */
export type Input = Readonly<Record<string, unknown>>;

/** Stands for whoever has no valid token. */
export function anonymous(address: string): Actor {
  return { name: 'anonymous', person: null, role: 'none', organization: null, address };
}

/** The token of an Authorization header, or null. @see RFC 6750 section 2.1 */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** A token of this role may use the route. @throws Refusal `forbidden` */
export function permitRole(route: Route, actor: Actor): void {
  if (route.roles.length === 0) return;
  refuseUnless(
    route.roles.some((role) => role === actor.role),
    'forbidden',
    refusalOf(route, actor),
  );
}

function refusalOf({ roles }: Route, { role }: Actor): string {
  const ofMembers = roles.filter((other) => other !== 'admin');
  if (ofMembers.length === 0) return `A token of the role ${role} cannot do this: ask the operator of the service.`;
  if (role === 'admin') {
    return "The admin's token cannot do this: only the organization's own people can, so use a token of one of them.";
  }
  return `A token of the role ${role} cannot do this: it takes the role ${ofMembers.join(' or ')}.`;
}

/**
 * The actor may use the route for the organization that the input names; a member's own takes its place where the route
 * leaves it open.
 * @throws Refusal `not-found` for another organization, the same as for one that is unknown
 */
export function permitOrganization(route: Route, actor: Actor, input: Input): Input {
  if (actor.role === 'admin' || actor.role === 'none') return input;
  const own = actor.organization;
  switch (route.organization) {
    case 'path':
    case 'body':
    case 'query': {
      const named = input['organization'] ?? own;
      if (own === null || named !== own) throw unknownOrganization(String(named));
      return { ...input, organization: own };
    }
    case 'object':
    case 'service':
      return input;
  }
}
