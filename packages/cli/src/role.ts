/** The roles of people, as they are typed. */
import type { Role } from '@windlass/management';
import { InvalidArgumentError } from 'commander';

/** Written out, so that no command loads the client before it connects; the compiler sees that none is missing. */
const known: Readonly<Record<Role, true>> = {
  admin: true,
  approver: true,
  'network-admin': true,
  operator: true,
  installer: true,
  auditor: true,
};
const roles = Object.keys(known) as readonly Role[];

/** What the help says of a role. */
export const roleHelp = `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}; admin is of the service`;

/** Collects the values of an option that may be repeated. @throws InvalidArgumentError */
export function parseRole(text: string, previous: readonly Role[] | undefined): readonly Role[] {
  return [...new Set([...(previous ?? []), parseOneRole(text)])];
}

/** @throws InvalidArgumentError */
export function parseOneRole(text: string): Role {
  const role = roles.find((name) => name === text);
  if (role === undefined) throw new InvalidArgumentError(`Give one of ${roles.join(', ')}.`);
  return role;
}
