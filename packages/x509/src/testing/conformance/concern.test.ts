import { expect, test } from 'vitest';
import { concernOf, unsupportedFeature } from './concern.ts';

const PLAIN = { features: [], isContested: false };

test.each([
  ['pathlen::intermediate-violates-pathlen-0', 'path length'],
  ['rfc5280::nc::excluded-dns-match', 'name constraints'],
  ['bettertls::nameconstraints::tc1', 'name constraints'],
  ['rfc5280::eku::ee-wrong-eku', 'purpose'],
  ['rfc5280::unknown-critical-extension-root', 'critical extensions'],
  ['rfc5280::validity::expired-leaf', 'validity'],
  ['rfc5280::intermediate-ca-without-ca-bit', 'CA role'],
  ['webpki::san::mismatch-domain-san', 'names'],
  ['webpki::forbidden-weak-rsa-key-in-root', 'weak keys'],
  ['pathological::intermediate-cycle-distinct-cas', 'trust'],
  ['crl::revoked-certificate-with-crl', 'revocation'],
  ['webpki::san::san-critical-with-nonempty-subject', 'form'],
  ['webpki::aki::root-with-aki-ski-mismatch', 'form'],
] as const)('%s: %s', (id, concern) => {
  expect(concernOf(id, PLAIN)).toBe(concern);
});

test('an id that no rule knows counts as relevant', () => {
  expect(concernOf('later::something', PLAIN)).toBe('not classified');
});

test('contested and pedantic cases are form, but a weak key stays weak', () => {
  expect(concernOf('webpki::eku::ee-anyeku', { ...PLAIN, features: ['pedantic-webpki-eku'] })).toBe('form');
  expect(concernOf('rfc5280::nc::x', { ...PLAIN, isContested: true })).toBe('form');
  const features = ['pedantic-webpki-subscriber-key'];
  expect(concernOf('webpki::forbidden-weak-rsa-in-leaf', { ...PLAIN, features })).toBe('weak keys');
});

test('cases about policies and partial lists are reported apart', () => {
  expect(unsupportedFeature('rfc5280::pc::ica-noncritical-pc', ['has-policy-constraints'])).toBe(
    'certificate policies',
  );
  expect(unsupportedFeature('crl::idp::only-user-certs', ['has-crl'])).toBeDefined();
  expect(unsupportedFeature('crl::revoked-certificate-with-crl', ['has-crl'])).toBeUndefined();
});
