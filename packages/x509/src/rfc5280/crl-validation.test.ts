// RFC 5280 §6.3: which list decides about which certificate, who may sign it, and what the status of a whole path is.

import { describe, expect, test } from 'vitest';
import type { Crl } from '../crl.ts';
import { derTypes as der } from '../der-types.ts';
import { crlRevocation } from '../revocation.ts';
import {
  bareAnchor,
  type Case,
  type Chain,
  counting,
  critical,
  crlEntry,
  DAY,
  extension,
  keyPairOf,
  rawCrl,
  verdict,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf, NOW, p256, type TestEntity, type TestFields } from '../testing/test-certificates.ts';
import { trustAnchor } from '../trust-anchor.ts';

const root = makeCa('root');
const ca = makeCa('ca', { serialNumber: Uint8Array.of(7) }, root);
const end = makeLeaf(ca);
const ALL = 'every-certificate';

const rootList = rawCrl(root);
const holding = (...entities: TestEntity[]) => ({ entries: entities.map((entity) => crlEntry(entity)) });
const noIdentifier = { extensions: [extension('2.5.29.20', der.integer(1))] };

/** The chain root, ca, leaf with these lists; each certificate needs one unless the scope says otherwise. */
const asked =
  (crls: readonly Crl[], scope: 'where-listed' | 'every-certificate' = ALL, changes: Partial<Chain> = {}) =>
  (): Chain => ({ end, anchors: [root], intermediates: [ca], revocation: crlRevocation(crls, scope), ...changes });

describe('§6.3.3 lists of the key that made the certificate', () => {
  const forged = rawCrl(ca, { key: p256().privateKey });
  const late = { thisUpdate: der.time(NOW - 60) };
  const outdated = { nextUpdate: der.time(NOW - 1) };
  const bareLists = [rawCrl(root, noIdentifier), rawCrl(ca, noIdentifier)];
  test.each<Case>([
    ['nobody is listed', asked([rootList, rawCrl(ca)]), 'accepted'],
    ['the leaf is listed', asked([rootList, rawCrl(ca, holding(end))]), 'revoked'],
    ['the intermediate is listed', asked([rawCrl(root, holding(ca)), rawCrl(ca)]), 'revoked'],
    ['the intermediate’s number in its own list means another', asked([rootList, rawCrl(ca, holding(ca))]), 'accepted'],
    ['the leaf’s number in the root’s list means another', asked([rawCrl(root, holding(end)), rawCrl(ca)]), 'accepted'],
    ['no list of the intermediate', asked([rootList]), 'revocation-unknown'],
    ['no list of the root', asked([rawCrl(ca)]), 'revocation-unknown'],
    ['no list of the intermediate, where none is needed', asked([rootList], 'where-listed'), 'accepted'],
    ['no list at all, where none is needed', asked([], 'where-listed'), 'accepted'],
    ['only the leaf’s issuer has one, and lists it', asked([rawCrl(ca, holding(end))], 'where-listed'), 'revoked'],
    ['a forged list alone', asked([rootList, forged]), 'revocation-unknown'],
    ['a forged list alone, where none is needed', asked([forged], 'where-listed'), 'revocation-unknown'],
    ['a forged list before the good one', asked([rootList, forged, rawCrl(ca)]), 'accepted'],
    [
      'a forged, newer list does not hide who is listed',
      asked([rootList, rawCrl(ca, { key: p256().privateKey, ...late }), rawCrl(ca, holding(end))]),
      'revoked',
    ],
    [
      'a forged list revokes nobody',
      asked([rootList, rawCrl(ca, { ...holding(end), key: p256().privateKey }), rawCrl(ca)]),
      'accepted',
    ],
    ['lists without key identifiers', asked(bareLists), 'accepted'],
    ['an outdated list clears nobody', asked([rootList, rawCrl(ca, outdated)]), 'revocation-unknown'],
    ['an outdated list still revokes', asked([rootList, rawCrl(ca, { ...outdated, ...holding(end) })]), 'revoked'],
    [
      'an outdated list beside a current one: the current one decides',
      asked([rootList, rawCrl(ca, { ...outdated, ...holding(end) }), rawCrl(ca, late)]),
      'accepted',
    ],
    [
      'a newer one with an unknown critical extension does not count',
      asked([
        rootList,
        rawCrl(ca, { ...late, more: [extension('2.999.1', der.null_(), 'critical')] }),
        rawCrl(ca, holding(end)),
      ]),
      'revoked',
    ],
    [
      'a list of the future does not count',
      asked([rootList, rawCrl(ca, { thisUpdate: der.time(NOW + 1), ...holding(end) }), rawCrl(ca)]),
      'accepted',
    ],
    ['a bare anchor signs lists', asked([rootList, rawCrl(ca)], ALL, { anchors: [bareAnchor(root)] }), 'accepted'],
    [
      'a bare anchor’s list revokes',
      asked([rawCrl(root, holding(ca)), rawCrl(ca)], ALL, { anchors: [bareAnchor(root)] }),
      'revoked',
    ],
  ])('§6.3.3 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.3, §6.3.3 (f) cRLSign', () => {
  const chainUnder =
    (fields: TestFields, crlParts = {}) =>
    (): Chain => {
      const issuer = makeCa('ca', fields, root);
      const crls = [rootList, rawCrl(issuer, crlParts)];
      return { end: makeLeaf(issuer), anchors: [root], intermediates: [issuer], revocation: crlRevocation(crls, ALL) };
    };
  const usage = (keyUsage: 'keyCertSign' | undefined) => ({
    extensions: { keyUsage: keyUsage && ([keyUsage] as const) },
  });
  const leafSerial = { entries: [crlEntry(end)] };
  test.each<Case>([
    ['a CA without cRLSign clears nobody', chainUnder(usage('keyCertSign')), 'revocation-unknown'],
    ['a CA without cRLSign revokes nobody', chainUnder(usage('keyCertSign'), leafSerial), 'revocation-unknown'],
    ['a CA without key usage may (strict wants one anyway)', chainUnder(usage(undefined)), 'key-usage', 'accepted'],
    ['a CA without key usage revokes', chainUnder(usage(undefined), leafSerial), 'key-usage', 'revoked'],
    [
      'a root without cRLSign',
      () => {
        const anchor = makeCa('root', usage('keyCertSign'));
        return { end: makeLeaf(anchor), anchors: [anchor], revocation: crlRevocation([rawCrl(anchor)], ALL) };
      },
      'revocation-unknown',
    ],
  ])('§6.3.3 (f) %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§6.3.3 (f) lists by another key of the same CA', () => {
  type Options = {
    readonly signer?: TestFields;
    readonly crl?: object;
    readonly issuer?: TestEntity;
    readonly missing?: true;
  };

  /** The leaf is of the CA's first key; its list is of another key of that name, certified by the root unless said so. */
  const separate =
    (list: 'empty' | 'holding', { signer = {}, crl = {}, issuer = root, missing }: Options = {}) =>
    (): Chain => {
      const keys = makeCa(
        'ca',
        {
          serialNumber: Uint8Array.of(8),
          extensions: { basicConstraints: undefined, keyUsage: ['cRLSign'] },
          ...signer,
        },
        issuer,
      );
      const made = rawCrl(keys, { ...(list === 'holding' ? holding(end) : {}), ...crl });
      return {
        end,
        anchors: [root],
        intermediates: missing ? [ca] : [ca, keys],
        revocation: crlRevocation([rootList, made], ALL),
      };
    };
  const over = { notBefore: NOW - 2 * DAY, notAfter: NOW - DAY };
  const strange = {
    basicConstraints: undefined,
    keyUsage: ['cRLSign'],
    others: [critical('2.999.1', der.null_())],
  } as const;
  test.each<Case>([
    ['a key for lists only: nobody is listed', separate('empty'), 'accepted'],
    ['a key for lists only: the leaf is listed', separate('holding'), 'revoked'],
    ['a list without key identifier', separate('holding', { crl: noIdentifier }), 'revoked'],
    ['its certificate is missing', separate('holding', { missing: true }), 'revocation-unknown'],
    [
      'its certificate has no cRLSign',
      separate('holding', { signer: { extensions: { basicConstraints: undefined, keyUsage: ['digitalSignature'] } } }),
      'revocation-unknown',
    ],
    ['its certificate has expired', separate('holding', { signer: over }), 'revocation-unknown'],
    [
      'its certificate has an unknown critical extension',
      separate('holding', { signer: { extensions: strange } }),
      'revocation-unknown',
    ],
    ['its certificate is of another root', separate('empty', { issuer: makeCa('elsewhere') }), 'revocation-unknown'],
    [
      'its certificate is signed by nobody',
      separate('empty', { signer: { signingKey: p256().privateKey } }),
      'revocation-unknown',
    ],
    [
      'its certificate has another name',
      separate('empty', { signer: { subject: [{ type: 'CN', value: 'cb' }] } }),
      'revocation-unknown',
    ],
    ['its certificate is self-issued by the CA itself', separate('holding', { issuer: ca }), 'revoked'],
    ['its certificate is below a leaf', separate('empty', { issuer: end }), 'revocation-unknown'],
    ['its certificate is that of a whole CA', separate('holding', { signer: { extensions: {} } }), 'revoked'],
  ])('§6.3.3 (f) %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('§6.3.3 (f) the scope of the anchor is about the leaf, not about who signs lists', () => {
    const keys = makeCa(
      'ca',
      { serialNumber: Uint8Array.of(8), extensions: { basicConstraints: undefined, keyUsage: ['cRLSign'] } },
      root,
    );
    const anchors = [trustAnchor(root.certificate, { permittedNames: ['example.com'] })];
    const made = rawCrl(keys, holding(end));
    for (const scope of ['where-listed', ALL] as const) {
      const changes = { anchors, intermediates: [ca, keys] };
      expect(verdicts(asked([rootList, made], scope, changes))).toEqual(['revoked', 'revoked']);
    }
  });

  test('§6.3.3 (f) a newer list by another key clears nobody whom the CA itself holds', () => {
    const keys = makeCa(
      'ca',
      { serialNumber: Uint8Array.of(8), extensions: { basicConstraints: undefined, keyUsage: ['cRLSign'] } },
      root,
    );
    const crls = [
      rootList,
      rawCrl(ca, { ...holding(end), thisUpdate: der.time(NOW - DAY) }),
      rawCrl(keys, { thisUpdate: der.time(NOW - 60) }),
    ];
    expect(verdicts(asked(crls, ALL, { intermediates: [ca, keys] }))).toEqual(['revoked', 'revoked']);
  });

  test('§6.3.3 (f) the certificate of the key for lists is itself revoked', () => {
    const keys = makeCa(
      'ca',
      { serialNumber: Uint8Array.of(8), extensions: { basicConstraints: undefined, keyUsage: ['cRLSign'] } },
      root,
    );
    const crls = [rawCrl(root, holding(keys)), rawCrl(keys)];
    const chain = { end, anchors: [root], intermediates: [ca, keys], revocation: crlRevocation(crls, ALL) };
    expect(verdicts(() => chain)).toEqual(['revocation-unknown', 'revocation-unknown']);
  });

  describe('rollover', () => {
    const next = makeCa('ca', { serialNumber: Uint8Array.of(9) }, root);
    const newWithOld = makeCa('ca', { serialNumber: Uint8Array.of(10), keyPair: keyPairOf(next) }, ca);
    const oldWithNew = makeCa('ca', { serialNumber: Uint8Array.of(11), keyPair: keyPairOf(ca) }, next);
    const fresh = makeLeaf(next);
    const with_ = (crls: Crl[], of: TestEntity, ...intermediates: TestEntity[]) =>
      asked(crls, ALL, { end: of, intermediates });
    test.each<Case>([
      [
        'a leaf of the old key, a list of the new one (new with old)',
        with_([rootList, rawCrl(next, holding(end))], end, ca, newWithOld),
        'revoked',
      ],
      [
        'a leaf of the old key, a list of the new one, not listed',
        with_([rootList, rawCrl(next)], end, ca, newWithOld),
        'accepted',
      ],
      [
        'a leaf of the new key, a list of the old one (old with new)',
        with_([rootList, rawCrl(ca, holding(fresh))], fresh, next, oldWithNew),
        'revoked',
      ],
      [
        'a leaf of the new key reached by new with old, a list of the new key',
        with_([rootList, rawCrl(next, holding(fresh))], fresh, ca, newWithOld),
        'revoked',
      ],
      [
        'new with old is itself listed',
        with_([rootList, rawCrl(ca, holding(newWithOld))], fresh, ca, newWithOld),
        'revoked',
      ],
      [
        'a list of the new key without its certificate',
        with_([rootList, rawCrl(next, holding(end))], end, ca),
        'revocation-unknown',
      ],
    ])('§6.3.3 (f) %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

    test('§6.3.3 (f) the root has rolled over: the new root’s list is about the old one’s certificates', () => {
      const newRoot = makeCa('root');
      const oldRootWithNew = makeCa('root', { keyPair: keyPairOf(root), serialNumber: Uint8Array.of(12) }, newRoot);
      const chain = (list: Crl) => ({
        end,
        anchors: [newRoot],
        intermediates: [ca, oldRootWithNew],
        revocation: crlRevocation([list, rawCrl(ca)], ALL),
      });
      expect(verdict(chain(rawCrl(newRoot)), 'strict')).toBe('accepted');
      expect(verdict(chain(rawCrl(newRoot, holding(ca))), 'strict')).toBe('revoked');
    });
  });
});

describe('lists and the choice of a path', () => {
  test('§6.3 of two certificates of the CA the one that is not revoked is taken', () => {
    const twin = makeCa('ca', { serialNumber: Uint8Array.of(8), keyPair: keyPairOf(ca) }, root);
    const crls = [rawCrl(root, holding(twin)), rawCrl(ca)];
    for (const intermediates of [
      [ca, twin],
      [twin, ca],
    ]) {
      expect(verdicts(asked(crls, ALL, { intermediates }))).toEqual(['accepted', 'accepted']);
    }
    expect(verdicts(asked(crls, ALL, { intermediates: [twin] }))).toEqual(['revoked', 'revoked']);
  });
  test('§6.3 another CA of the same name, below another root, revokes nothing here', () => {
    const elsewhere = makeCa('elsewhere');
    const namesake = makeCa('ca', {}, elsewhere);
    const crls = [rootList, rawCrl(ca), rawCrl(namesake, { ...holding(end), thisUpdate: der.time(NOW - 60) })];
    const changes = { anchors: [root], intermediates: [ca, namesake] };
    expect(verdicts(asked(crls, ALL, changes))).toEqual(['accepted', 'accepted']);
  });
  test('a list by a stranger’s key costs no more than the budget, however many certificates that key has', () => {
    let verifications = 0;
    const count = () => {
      verifications += 1;
    };
    const [listKey, upperKey] = [p256(), p256()];
    const fields = (i: number) => ({ serialNumber: Uint8Array.of(3, i), signingKey: end.key });
    const above = Array.from({ length: 90 }, (_, i) =>
      counting(makeCa('above', { ...fields(i), keyPair: upperKey }), count),
    );
    const signers = above.map((issuer, i) =>
      makeCa('ca', { ...fields(i), keyPair: listKey, extensions: { authorityKeyIdentifier: undefined } }, issuer),
    );
    const list = rawCrl(ca, { key: listKey.privateKey, ...noIdentifier });
    const changes = { intermediates: [...signers, ...above, ca] };
    expect(verdict(asked([list], ALL, changes)(), 'webpki-like')).toBe('budget');
    expect(verifications).toBeGreaterThan(0);
    expect(verifications).toBeLessThanOrEqual(200);
  });
});
