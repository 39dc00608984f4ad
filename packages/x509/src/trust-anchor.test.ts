import { describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { validatePath } from './path.ts';
import type { PathOptions } from './path-step.ts';
import { makeCa, makeLeaf, NOW } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const root = makeCa('root');
const ica = makeCa('ica', {}, root);

function options(changes: Partial<PathOptions> = {}): PathOptions {
  return {
    anchors: [trustAnchor(root.certificate)],
    intermediates: [ica.certificate],
    time: NOW,
    profile: 'strict',
    ...changes,
  };
}

const chainOf = (end: Certificate, changes: Partial<PathOptions> = {}) => validatePath(end, options(changes)).chain;
const expectCode = (code: string, end: Certificate, changes: Partial<PathOptions> = {}) =>
  expect(() => validatePath(end, options(changes))).toThrow(expect.objectContaining({ name: 'X509Error', code }));

describe('the scope of an anchor', () => {
  const scoped = (permittedNames?: string[], excludedNames?: string[]) => ({
    anchors: [trustAnchor(root.certificate, { permittedNames, excludedNames })],
  });
  const end = makeLeaf(ica, {
    extensions: {
      subjectAltName: [
        { kind: 'dns', value: 'device.example.com' },
        { kind: 'dns', value: 'a.test' },
        { kind: 'ip', value: '10.0.0.1' },
      ],
    },
  }).certificate;

  test('holds the name that is asked for, whatever other names the leaf has', () => {
    expect(chainOf(end, { ...scoped(['example.com']), serverName: 'device.example.com' })).toHaveLength(2);
    expectCode('name-constraints', end, { ...scoped(['example.com']), serverName: 'a.test' });
    expectCode('name-constraints', end, { ...scoped(['*'], ['example.com']), serverName: 'device.example.com' });
    expect(chainOf(end, { ...scoped(['10.0.0.0/8']), serverName: '10.0.0.1' })).toHaveLength(2);
  });
  test('without a name, every name of the leaf must lie in it', () => {
    expect(chainOf(end, scoped(['*']))).toHaveLength(2);
    expect(chainOf(end, scoped(['example.com', 'test', '10.0.0.1']))).toHaveLength(2);
    expectCode('name-constraints', end, scoped(['example.com', 'test']));
    expectCode('name-constraints', end, scoped(undefined, ['a.test']));
    expectCode(
      'name-constraints',
      makeLeaf(ica, { extensions: { subjectAltName: undefined } }).certificate,
      scoped(['example.com']),
    );
  });
  test('of one anchor does not matter when another with the same key holds the name', () => {
    const anchors = [...scoped(['other.test']).anchors, ...scoped(['example.com']).anchors];
    expect(validatePath(end, options({ anchors, serverName: 'device.example.com' })).anchor).toBe(anchors[1]);
  });
});
