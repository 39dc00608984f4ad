import { ROUTES } from '@windlass/management';
import { parseOrganizationId } from '@windlass/protocol';
import { expect, test } from 'vitest';
import type { Actor } from '../management.ts';
import { bearerToken, permitOrganization, permitRole } from './permission.ts';

const approver: Actor = {
  name: 'a',
  person: 'a',
  role: 'approver',
  organization: parseOrganizationId('acme'),
  address: '::1',
};
const admin: Actor = { name: 'b', person: 'b', role: 'admin', organization: null, address: '::1' };

test('a bearer token is read from its header, and from nothing else', () => {
  expect(bearerToken('Bearer wl_a-b_c')).toBe('wl_a-b_c');
  expect(bearerToken('bearer wl_a')).toBe('wl_a');
  expect(bearerToken('Basic d2w6')).toBeNull();
  expect(bearerToken('Bearer a b')).toBeNull();
  expect(bearerToken(undefined)).toBeNull();
});

test('another organization does not exist for an approver, wherever it is named', () => {
  for (const route of [ROUTES.listNetworks, ROUTES.addClaim, ROUTES.listDevices]) {
    expect(() => permitOrganization(route, approver, { organization: 'other' })).toThrow(
      /^There is no organization other:/,
    );
    expect(permitOrganization(route, approver, { organization: 'acme' })).toMatchObject({ organization: 'acme' });
  }
});

test("a list without organization is narrowed to the approver's own, and is the whole for the admin", () => {
  expect(permitOrganization(ROUTES.listDevices, approver, {})).toEqual({ organization: 'acme' });
  expect(permitOrganization(ROUTES.listDevices, admin, {})).toEqual({});
});

test("the admin's token does not pass where only approvers do, nor the reverse", () => {
  expect(() => permitRole(ROUTES.publishProfile, admin)).toThrow(/only the organization's own people can/);
  expect(() => permitRole(ROUTES.addManufacturer, approver)).toThrow(/ask the operator/);
});

test('[M15] no approver claims a device: whoever named its serial first would have that of another customer', () => {
  expect(() => permitRole(ROUTES.addClaim, approver)).toThrow(/ask the operator/);
  expect(() => permitRole(ROUTES.addClaim, admin)).not.toThrow();
});
