// Every decoder against mutated bytes: nothing but X509Error comes out, quickly. 20 000 inputs each in CI, a million and
// more by hand (`npm run fuzz`), of the same list and the same mutator.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalBytes } from './bytes.ts';
import { readDer } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { parseIp, parseIpRange } from './ip.ts';
import { decodeOid } from './oid.ts';
import { parsePem, toPem } from './pem.ts';
import { isDnsName } from './server-name.ts';
import { DECODERS } from './testing/fuzz/decoders.ts';
import { createRandom } from './testing/fuzz/random.ts';
import { fuzz } from './testing/fuzz/run.ts';

const INPUTS = process.env['CI'] === 'true' ? 20_000 : 3_000;
/** Others each time; a failure shows its input, and this repeats the run. */
const SEED = String(Date.now());

test.each(DECODERS)(
  '$name throws nothing but X509Error',
  (decoder) => {
    const { finding, inputs } = fuzz(decoder, { inputs: INPUTS, random: createRandom(SEED) });
    const shown = finding && { ...finding, input: Buffer.from(finding.input).toString('hex') };
    expect(shown, `seed ${SEED}`).toBeUndefined();
    expect(inputs).toBe(INPUTS);
  },
  300_000,
);

// What follows is about inputs that are right, which mutation seldom makes.

test('every address and host name is read as one', () => {
  fc.assert(fc.property(fc.ipV4(), (text) => parseIp(text)?.length === 4 && parseIpRange(`${text}/9`)?.length === 8));
  fc.assert(fc.property(fc.ipV6(), (text) => parseIp(text)?.length === 16 && parseIpRange(`${text}/9`)?.length === 32));
  fc.assert(fc.property(fc.domain(), (text) => isDnsName(text.toLowerCase()) && parseIp(text) === undefined));
});

test('what the writer writes, the reader reads', () => {
  const contents = (bytes: Uint8Array) => readDer(bytes).content;
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
      (value) =>
        BigInt.asIntN(
          8 * contents(der.integer(value)).length,
          BigInt(`0x${Buffer.from(contents(der.integer(value))).toString('hex')}`),
        ) === value,
    ),
  );
  const arcs = fc.tuple(fc.nat(47), fc.array(fc.bigInt({ min: 0n, max: 2n ** 130n }), { maxLength: 5 }));
  fc.assert(
    fc.property(
      arcs,
      ([second, rest]) =>
        decodeOid(contents(der.oid(['2', second, ...rest].join('.')))) === ['2', second, ...rest].join('.'),
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) =>
      equalBytes(parsePem(toPem('X', bytes))[0]?.der ?? new Uint8Array(), bytes),
    ),
  );
});
