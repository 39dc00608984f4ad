// Systematic changes of valid messages: every one must be refused. What is re-signed is signed with the right keys, so that the checks
// behind the signature are reached.
import { type AnswerInput, type AnswerTwist, answerVector } from './vectors/vector.ts';
import { base64, type Json, type Members, OTHER_ORGANIZATION, sha256, type World } from './world.ts';

/** A body that must be refused, and how it was made. */
export interface Mutant {
  readonly how: string;
  readonly body: Uint8Array;
}

/** The body with bit after bit turned; `stride` bits apart, from `offset`. */
export function* bitFlips(body: Uint8Array, stride: number, offset = 0): Generator<Mutant> {
  for (let bit = offset; bit < body.length * 8; bit += stride) {
    const changed = Uint8Array.from(body);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield { how: `bit ${bit} turned`, body: changed };
  }
}

/** The body cut after every `stride`th byte. */
export function* truncations(body: Uint8Array, stride: number): Generator<Mutant> {
  for (let length = 0; length < body.length; length += stride)
    yield { how: `cut at ${length}`, body: body.subarray(0, length) };
}

/** In the signature of each envelope of the body: bit after bit of its DER turned, and every DER element taken out or doubled. */
export function* signatureMutants(body: Uint8Array, stride: number): Generator<Mutant> {
  const message = JSON.parse(Buffer.from(body).toString());
  for (const envelope of envelopesOf(message)) {
    const honest = envelope.signature;
    const bytes = Buffer.from(honest, 'base64');
    const changes = [...bitFlips(bytes, stride, stride >> 1), ...elementMutants(bytes)];
    for (const { how, body: changed } of changes) {
      envelope.signature = Buffer.from(changed).toString('base64');
      yield { how: `signature: ${how}`, body: Buffer.from(JSON.stringify(message)) };
    }
    envelope.signature = honest;
  }
}

/** The body with each member of each object, at any depth, taken out, doubled, or replaced by a value of another kind. */
export function* memberMutants(body: Uint8Array): Generator<Mutant> {
  const text = Buffer.from(body).toString();
  for (const path of pathsOf(JSON.parse(text))) {
    const variants: readonly (readonly [string, Json | undefined])[] = [
      ['removed', undefined],
      ['null', null],
      ['empty text', ''],
      ['-1', -1],
      ['an array', []],
      ['an object', {}],
    ];
    for (const [how, value] of variants) {
      yield {
        how: `${path.join('.')} ${how}`,
        body: Buffer.from(JSON.stringify(withValue(JSON.parse(text), path, value))),
      };
    }
  }
}

interface MutableEnvelope {
  payload: string;
  signature: string;
}

function envelopesOf(message: Record<string, unknown>): readonly MutableEnvelope[] {
  if (typeof message['signature'] === 'string') return [message as unknown as MutableEnvelope];
  return Object.values(message) as MutableEnvelope[];
}

/** Each element of the DER, at any depth, taken out or doubled, with the lengths around it set right. */
function* elementMutants(bytes: Buffer): Generator<Mutant> {
  for (const { path, start, end } of elementsOf(bytes)) {
    if (path.length === 0) continue;
    yield { how: `element ${path.join('.')} removed`, body: spliced(bytes, path, Buffer.alloc(0)) };
    yield {
      how: `element ${path.join('.')} doubled`,
      body: spliced(bytes, path, Buffer.concat([bytes.subarray(start, end), bytes.subarray(start, end)])),
    };
  }
}

interface Element {
  readonly path: readonly number[];
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

function elementsOf(
  bytes: Buffer,
  from = 0,
  to = bytes.length,
  path: readonly number[] | null = null,
): readonly Element[] {
  const found: Element[] = [];
  for (let at = from, index = 0; at < to; index += 1) {
    const first = bytes[at + 1] ?? 0;
    const header = first < 128 ? 2 : 2 + (first & 127);
    const length = first < 128 ? first : bytes.readUIntBE(at + 2, first & 127);
    const own = path === null ? [] : [...path, index];
    const element = { path: own, start: at, content: at + header, end: at + header + length };
    found.push(element);
    if ((bytes[at] ?? 0) & 0x20) found.push(...elementsOf(bytes, element.content, element.end, own));
    at = element.end;
  }
  return found;
}

/** The DER with the element at `path` replaced, every length above it written anew. */
function spliced(bytes: Buffer, path: readonly number[], replacement: Buffer): Buffer {
  const [index, ...rest] = path;
  const header = (bytes[1] ?? 0) < 128 ? 2 : 2 + ((bytes[1] ?? 0) & 127);
  const children = elementsOf(bytes, header, bytes.length, []).filter((element) => element.path.length === 1);
  const parts = children.map((child, place) => {
    const own = bytes.subarray(child.start, child.end);
    if (place !== index) return own;
    return rest.length === 0 ? replacement : spliced(own, rest, replacement);
  });
  const content = Buffer.concat(parts);
  const size =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([bytes[0] ?? 0, ...size]), content]);
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [[...path, name], ...pathsOf(member, [...path, name])]);
}

function withValue(root: Record<string, unknown>, path: Path, value: Json | undefined): object {
  const last = path[path.length - 1] ?? '';
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return root;
}

/** Answers in which one member of one signed part is another's, signed anew by the right signer. */
export function* swappedAnswers(world: World): Generator<{ readonly how: string; readonly input: AnswerInput }> {
  const device = { manufacturer: world.manufacturer.key.digest, serial: 'SN-0002' };
  const swaps: readonly (readonly [keyof AnswerTwist & ('decision' | 'claim' | 'profile'), Members])[] = [
    ...(['decision', 'claim', 'profile'] as const).flatMap((part) =>
      [
        { type: 'claim-' },
        { version: 2 },
        { service: 'other.windlass.example' },
        { organization: OTHER_ORGANIZATION },
        { epoch: 3 },
        { epoch: 1 },
        { extra: 1 },
      ].map((change) => [part, change] as const),
    ),
    ...[
      { device },
      { nonce: sha256('nonce') },
      { request: sha256('request') },
      { network: 'plant-b' },
      { time: '2020-01-01T00:00:00Z' },
    ].map((change) => ['decision', change] as const),
    ...[
      { device },
      { generation: 5 },
      { ownership: 2 },
      { publishers: [base64(world.otherPublisherAnchor.der)] },
      { organization: null },
    ].map((change) => ['claim', change] as const),
    ...[{ network: 'plant-b' }, { sequence: 9 }, { expires: '2026-01-01T00:00:00Z' }].map(
      (change) => ['profile', change] as const,
    ),
  ];
  for (const [part, change] of swaps) {
    const { input } = answerVector(world, { name: 'swap', rule: 'D1', says: '', error: 'any' }, { [part]: change });
    yield { how: `${part} ${JSON.stringify(change)}`, input: input as AnswerInput };
  }
}

/** Answers in which one part was signed by each of the certificates of this world that should not have signed it. */
export function* foreignSigners(world: World): Generator<{ readonly how: string; readonly input: AnswerInput }> {
  const right = { decision: world.responder, claim: world.claimAuthority, profile: world.publisher };
  for (const [part, own] of Object.entries(right)) {
    for (const [name, signer] of Object.entries(world)) {
      if (signer === own) continue;
      const chains = { [part]: [signer] };
      const { input } = answerVector(world, { name: 'foreign', rule: 'K1', says: '', error: 'any' }, { chains });
      yield { how: `${part} by ${name}`, input: input as AnswerInput };
    }
  }
}
