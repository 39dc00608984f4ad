/** The roles of people, as they are typed. */
import { InvalidArgumentError } from 'commander';

const roles = ['admin', 'approver', 'network-admin', 'operator', 'installer', 'auditor'] as const;

/** The name of a role. */
export type RoleName = (typeof roles)[number];

/** What the help says of a role. */
export const roleHelp = `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}; admin is of the service`;

/** Collects the values of an option that may be repeated. @throws InvalidArgumentError */
export function parseRole(text: string, previous: readonly RoleName[] | undefined): readonly RoleName[] {
  return [...new Set([...(previous ?? []), parseOneRole(text)])];
}

/** @throws InvalidArgumentError */
export function parseOneRole(text: string): RoleName {
  const role = roles.find((name) => name === text);
  if (role === undefined) throw new InvalidArgumentError(`Give one of ${roles.join(', ')}.`);
  return role;
}
