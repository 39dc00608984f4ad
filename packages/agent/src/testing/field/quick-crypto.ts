// Node's crypto for tests that make millions of signatures: what is signed and by whom is bound as ever, by a hash in the place of
// mathematics; keys and certificates that come again and again are read once. For `vi.mock('node:crypto', …)`.
import type * as node from 'node:crypto';

type Crypto = typeof node;

/** The same module with quick signatures: one that was not made by `sign` with that key over that data does not verify. */
export function quickCrypto(real: Crypto): Crypto {
  const names = new WeakMap<node.KeyObject, string>();
  /** Of the public key, whichever half is given. */
  const nameOf = (given: unknown): string => {
    const key = (given instanceof real.KeyObject ? given : (given as { key: unknown }).key) as node.KeyObject;
    const known = names.get(key);
    if (known !== undefined) return known;
    const half = key.type === 'private' ? real.createPublicKey(key) : key;
    const name = half.export({ format: 'der', type: 'spki' }).toString('latin1');
    names.set(key, name);
    return name;
  };
  const signature = (data: Uint8Array, key: unknown): Buffer => {
    const tag = real.createHash('sha256').update(nameOf(key), 'latin1').update(data).digest();
    const integer = Buffer.from([2, 32, 1, ...tag.subarray(1)]);
    return Buffer.concat([Buffer.from([0x30, 68]), integer, integer]);
  };
  const publicKeys = new Map<string, node.KeyObject>();
  const certificates = new Map<string, node.X509Certificate>();
  const once = <T>(known: Map<string, T>, name: string, make: () => T): T => {
    const found = known.get(name) ?? make();
    known.set(name, found);
    return found;
  };
  const quick = {
    sign: (_: unknown, data: Uint8Array, key: unknown) => signature(data, key),
    verify: (_: unknown, data: Uint8Array, key: unknown, given: Uint8Array) => signature(data, key).equals(given),
    createPublicKey: (given: { readonly key: Uint8Array }) =>
      once(publicKeys, Buffer.from(given.key).toString('latin1'), () => real.createPublicKey(given as never)),
    X509Certificate: function X509Certificate(der: Uint8Array) {
      return once(certificates, Buffer.from(der).toString('latin1'), () => new real.X509Certificate(der));
    },
  };
  return { ...real, ...(quick as object) } as Crypto;
}

/** `real` with its function `name` remembering what it gave for the same text; what it throws it throws again. For modules that read. */
export function remembering<M extends object>(
  real: M,
  name: keyof M & string,
  textOf: (...given: never[]) => string,
): M {
  const read = real[name] as (...given: never[]) => unknown;
  const known = new Map<string, unknown>();
  const remembered = (...given: never[]): unknown => {
    const text = textOf(...given);
    if (!known.has(text)) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(text, read(...given));
    }
    return known.get(text);
  };
  return { ...real, [name]: remembered };
}

const MOST_REMEMBERED = 2_000;
