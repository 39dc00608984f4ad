// The world around one device: networks, boxes, the service and its operators, clocks and power, all moved by the acts of a history.
import { createCertificate } from '../../../../protocol/src/testing/test-certificates.ts';
import {
  at,
  claimOf,
  createWorld,
  inspectionCaOf,
  type Members,
  profileOf,
  signerOptions,
} from '../../../../protocol/src/testing/world.ts';
import type { NoAnswer } from '../../ports.ts';
import { createFakeService, DAY, type FakeService, keyDigestOf, makeProxyCa, NOW, noAnswer } from '../fake-service.ts';
import type { Act, Box, PlantA, Says, Shows, Way } from './history.ts';

const world = createWorld();
/** One after the other: a responder's certificate has no more than 30 days. */
const responders = [0, 1, 2, 3].map((i) => {
  const from = NOW + (i * 20 - 5) * DAY;
  const issuer = world.serviceAnchor;
  return createCertificate({
    name: `responder ${i}`,
    issuer,
    ...signerOptions('responder'),
    from,
    until: from + 29 * DAY,
  });
});
const cas = {
  a: world.inspectionCa,
  a2: makeProxyCa('Plant A proxy CA'),
  b: makeProxyCa('Plant B proxy CA'),
  rogue: makeProxyCa('Plant A proxy CA'),
};
/** How long what is published lasts: shorter than the device may be away. */
const PROFILE_DAYS = 5;
const CA_DAYS = 2;
const REFRESH_SECONDS = 3_600;
export const RETRY_SECONDS = 1_500;

/** SPKI digests, as reports name them. */
export const KEYS: Readonly<Record<Exclude<Box, 'none'>, string>> = {
  a: keyDigestOf(cas.a),
  a2: keyDigestOf(cas.a2),
  b: keyDigestOf(cas.b),
  rogue: keyDigestOf(cas.rogue),
};
export const DERS = Object.entries(cas).map(([box, { der }]) => [KEYS[box as 'a'], der] as const);

export interface Field {
  readonly service: FakeService;
  /** Seconds since the history began, and since the device was switched on. */
  now: number;
  on: number;
  box: Box;
  /** The boxes that signed in this exchange. */
  met: readonly Box[];
  way: Way;
  shows: Shows;
  says: Says;
  /** How often the device could have seen that its network changed. */
  moves: number;
  /** The box changes before that connection. */
  later: { readonly box: Box; readonly connection: number } | null;
  plantA: PlantA;
  epoch: number;
  sequence: number;
  generation: number;
  ownership: number;
  isClaimed: boolean;
  /** What the service answered last, and what it published before. */
  lastBody: string;
  published: ReadonlyMap<string, Published>;
  older: ReadonlyMap<string, Published>;
}

type Published = FakeService['profiles'] extends ReadonlyMap<string, infer P> ? P : never;

export function createField(box: Box): Field {
  const service = createFakeService({ ...world });
  const beginning = {
    now: 0,
    on: 0,
    way: 'open',
    shows: 'right',
    says: 'well',
    moves: 0,
    plantA: 'a',
    lastBody: '',
    later: null,
    met: [],
  } as const;
  const numbers = { epoch: 2, sequence: 10, generation: 7, ownership: 3, isClaimed: true };
  const field: Field = { service, box, ...beginning, ...numbers, published: new Map(), older: new Map() };
  publishAll(field);
  republish(field); // something older is there from the beginning
  service.network.inPlace = (path) => inPlace(field, path);
  service.tamper = (answer) => {
    const sent = field.says === 'refused' ? { decision: answer['decision'] ?? null } : answer;
    field.lastBody = JSON.stringify(sent);
    return sent;
  };
  return field;
}

/** What an act changes; the power is not the field's. */
export function perform(field: Field, act: Act): void {
  switch (act.kind) {
    case 'move':
      field.moves += 1;
      field.way = act.way;
      field.box = act.box;
      return;
    case 'box':
      field.later = act;
      return;
    case 'service':
      field.says = act.says;
      return;
    case 'publish':
      field.plantA = act.plantA;
      republish(field);
      return;
    case 'kill-switch':
      field.epoch += 1;
      field.generation += 1;
      republish(field);
      return;
    case 'release':
      own(field, false);
      return;
    case 'claim':
      own(field, true);
      return;
    case 'clock':
      field.shows = act.shows;
      return;
    case 'off':
    case 'crash':
    case 'reset':
  }
}

/** Everything works from now on, at `box`, and the device can see that its network changed. */
export function mend(field: Field, box: Box): void {
  perform(field, { kind: 'move', box, way: 'open' });
  Object.assign(field, { says: 'well', shows: 'right', later: null });
  own(field, true);
  republish(field);
}

function own(field: Field, isClaimed: boolean): void {
  if (field.isClaimed === isClaimed) return;
  Object.assign(field, { isClaimed, generation: field.generation + 1, ownership: field.ownership + 1 });
  publishAll(field);
}

function republish(field: Field): void {
  field.older = field.published;
  field.sequence += 1;
  publishAll(field);
}

/** The CAs of plant A's profile now. */
export function plantACas({ plantA }: Field): readonly ('a' | 'a2')[] {
  return plantA === 'both' ? ['a', 'a2'] : [plantA];
}

function publishAll(field: Field): void {
  const { service, epoch, generation, ownership, isClaimed, plantA } = field;
  const claim = { generation, ownership, expires: at(NOW + 100 * DAY) };
  service.claim = claimOf(
    world,
    isClaimed ? { ...claim, epoch } : { ...claim, organization: null, publishers: [], epoch: 0 },
  );
  const retire = plantA === 'a2' ? [KEYS.a] : [];
  field.published = new Map([
    ['plant-a', profile(field, 'plant-a', plantACas(field), { retire })],
    ['plant-b', profile(field, 'plant-b', ['b'], {})],
  ]);
}

function profile(
  { now, epoch, sequence }: Field,
  network: string,
  boxes: readonly Exclude<Box, 'none'>[],
  more: Members,
): Published {
  const dates = { from: at(NOW + now - DAY), until: at(NOW + now + CA_DAYS * DAY) };
  const inspectionCas = boxes.map((box) => inspectionCaOf(cas[box].der, dates));
  const issued = { issued: at(NOW + now - DAY), expires: at(NOW + now + PROFILE_DAYS * DAY) };
  const payload = profileOf(world, { network, epoch, sequence, inspectionCas, ...issued, ...more });
  return { ca: cas[boxes[0] ?? 'a'], payload, chain: [world.publisher] };
}

/** Before each connection: what the device meets. */
export function arrange(field: Field): void {
  if (field.later?.connection === 0) field.box = field.later.box;
  field.later =
    field.later && field.later.connection > 0 ? { ...field.later, connection: field.later.connection - 1 } : null;
  field.met = [...field.met, field.box];
  const { service, box, way, says, now } = field;
  const { network } = service;
  network.inspector = box === 'none' ? null : cas[box];
  network.https = way === 'down' || way === 'http-only' ? 'timeout' : null;
  network.http = way === 'down' ? 'timeout' : null;
  service.now = Math.max(service.now, NOW + now);
  Object.assign(service.world, { responder: responders[Math.floor(now / (20 * DAY))] });
  service.acknowledger = service.world.responder;
  service.acknowledges = says !== 'unconfirmed';
  service.decision = { refreshAfterSeconds: REFRESH_SECONDS };
  const isKnown = box === 'none' || box === 'b' || plantACas(field).some((known) => known === box);
  if (!field.isClaimed || !isKnown || says === 'later')
    service.decision = { ...service.decision, retryAfterSeconds: RETRY_SECONDS };
  if (says === 'refused') service.decision = REFUSED;
  // The service finds the network by each of its CAs.
  for (const [name, each] of says === 'older' ? field.older : field.published) {
    const signs = name === 'plant-b' ? box === 'b' : plantACas(field).some((known) => known === box);
    service.profiles.set(name, { ...each, ca: (signs && network.inspector) || each.ca });
  }
}

const REFUSED: Members = {
  outcome: 'refused',
  code: 'suspended',
  ...{ organization: undefined, network: undefined, epoch: undefined, claim: undefined, profile: undefined },
  refreshAfterSeconds: REFRESH_SECONDS,
};

function inPlace(field: Field, path: string): string | NoAnswer | null {
  if (field.way === 'portal') return noAnswer('captive', 'body');
  if (!path.endsWith('bootstrap')) return null;
  switch (field.says) {
    case 'busy':
      return { ...noAnswer('http', 'body'), status: 429, retryAfterSeconds: 120 };
    case 'late':
      return noAnswer('timeout', 'first-byte');
    case 'garbage':
      return '{"decision":{"payload":"{}","signature":"MAA="}}';
    case 'again':
      return field.lastBody || null;
    case 'well':
    case 'older':
    case 'refused':
    case 'later':
    case 'unconfirmed':
      return null;
  }
}
