/**
 * Mints the server certificates of our own inspecting proxy while clients connect, as commercial boxes do: RSA-2048 whatever the
 * origin has, one key for all names, valid from some minutes ago. The variations are the mistakes that boxes are known to make.
 */
import {
  type Authority,
  createAuthority,
  createKeyPair,
  createTwin,
  issueServerCertificate,
  type KeyPair,
  selfSignServerCertificate,
} from '../test-pki.ts';

export type LeafVariation =
  | 'ordinary'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'without-key-identifiers'
  | 'self-signed'
  | 'ecdsa'
  | 'twin-issuer'
  | 'distrusted-issuer';

export type ChainVariation = 'leaf-and-issuer' | 'leaf-only' | 'with-root-and-duplicates';

/** What a TLS server needs: PEM key, PEM chain with the leaf first. */
export interface MintedChain {
  readonly key: string;
  readonly cert: string;
}

export interface LeafMint {
  readonly authority: Authority;
  /** A CA with the authority's subject but another key; made when first asked for. */
  readonly twin: () => Promise<Authority>;
  /** The CA that some boxes sign with when they do not trust the origin: `Not trusted by ...`. */
  readonly distrusted: () => Promise<Authority>;
  /** The chain to present for `name`; the leaf is cached per name and variation. */
  readonly mint: (name: string, leaf?: LeafVariation, chain?: ChainVariation) => Promise<MintedChain>;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A box sees as many names as its clients like; the cache does not grow beyond this. */
const cacheLimit = 500;

/** A mint for `authority` is ready; its RSA key has been generated. */
export async function createLeafMint(authority: Authority): Promise<LeafMint> {
  const rsa = await createKeyPair('rsa-2048');
  const ec = once(() => createKeyPair('ec-p256'));
  const twin = once(() => createTwin(authority));
  const distrusted = once(() => createAuthority({ subject: 'CN=Not trusted by the inspecting proxy,O=Windlass Lab' }));
  const leaves = new Map<string, Promise<MintedChain>>();

  const leafOf = (name: string, variation: LeafVariation): Promise<MintedChain> => {
    const cacheKey = `${variation} ${name}`;
    const cached = leaves.get(cacheKey);
    if (cached) return cached;
    const minted = mintLeaf(name, variation, { authority, rsa, ec, twin, distrusted });
    if (leaves.size >= cacheLimit) leaves.clear();
    leaves.set(cacheKey, minted);
    return minted;
  };

  return {
    authority,
    twin,
    distrusted,
    mint: async (name, leaf = 'ordinary', chain = 'leaf-and-issuer') => {
      const { key, cert } = await leafOf(name, leaf);
      if (leaf === 'self-signed') return { key, cert };
      const others = { 'twin-issuer': twin, 'distrusted-issuer': distrusted };
      const issuer = leaf === 'twin-issuer' || leaf === 'distrusted-issuer' ? await others[leaf]() : authority;
      return { key, cert: chainOf(cert, issuer, chain) };
    },
  };
}

interface Makings {
  readonly authority: Authority;
  readonly rsa: KeyPair;
  readonly ec: () => Promise<KeyPair>;
  readonly twin: () => Promise<Authority>;
  readonly distrusted: () => Promise<Authority>;
}

async function mintLeaf(name: string, variation: LeafVariation, from: Makings): Promise<MintedChain> {
  const names = [variation === 'wrong-name' ? 'somebody-else.invalid' : name];
  const now = Date.now();
  const plain = { names, keyPair: from.rsa };
  switch (variation) {
    case 'ordinary':
    case 'wrong-name':
      return served(await issueServerCertificate(from.authority, plain));
    case 'expired':
      return served(
        await issueServerCertificate(from.authority, {
          ...plain,
          notBefore: new Date(now - 40 * dayMs),
          notAfter: new Date(now - 10 * minuteMs),
        }),
      );
    case 'not-yet-valid':
      return served(await issueServerCertificate(from.authority, { ...plain, notBefore: new Date(now + 2 * dayMs) }));
    case 'without-key-identifiers':
      return served(await issueServerCertificate(from.authority, { ...plain, keyIdentifiers: 'none' }));
    case 'self-signed':
      return served(await selfSignServerCertificate(plain));
    case 'ecdsa':
      return served(await issueServerCertificate(from.authority, { names, keyPair: await from.ec() }));
    case 'distrusted-issuer':
      return served(await issueServerCertificate(await from.distrusted(), plain));
    case 'twin-issuer':
      // Without key identifiers a client has nothing but the name to find the issuer by, which is the point of the twin.
      return served(await issueServerCertificate(await from.twin(), { ...plain, keyIdentifiers: 'none' }));
  }
}

function served(leaf: { readonly keyPem: string; readonly certificatePem: string }): MintedChain {
  return { key: leaf.keyPem, cert: leaf.certificatePem };
}

function chainOf(leaf: string, issuer: Authority, chain: ChainVariation): string {
  switch (chain) {
    case 'leaf-only':
      return leaf;
    case 'leaf-and-issuer':
      return [leaf, issuer.certificatePem, ...issuer.above.slice(0, -1)].join('');
    case 'with-root-and-duplicates':
      return [leaf, issuer.certificatePem, issuer.certificatePem, ...issuer.above, ...issuer.above.slice(-1)].join('');
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
