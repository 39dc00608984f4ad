// What can happen to a device in the field, as data: the histories of the model.
import fc from 'fast-check';

/** Whose key signs what the device sees; `none`: the service's own root. `a2` follows `a` in plant A. */
export type Box = 'a' | 'a2' | 'b' | 'rogue' | 'none';
/** What gets through. */
export type Way = 'open' | 'http-only' | 'down' | 'portal';
/** What the service makes of a request. `late`: it answers when nobody waits any more; `older`: with what it published before. */
export type Says = 'well' | 'busy' | 'late' | 'garbage' | 'again' | 'older' | 'refused' | 'later' | 'unconfirmed';
/** Which CAs plant A's profile has: `a`, both, or the successor, which retires `a`. */
export type PlantA = 'a' | 'both' | 'a2';
export type Shows = 'right' | '1970' | '2099';

export type Act =
  | { readonly kind: 'move'; readonly box: Box; readonly way: Way }
  /** Nobody at the device sees it; in an exchange, before that connection. */
  | { readonly kind: 'box'; readonly box: Box; readonly connection: number }
  | { readonly kind: 'service'; readonly says: Says }
  | { readonly kind: 'publish'; readonly plantA: PlantA }
  | { readonly kind: 'kill-switch' | 'release' | 'claim' | 'reset' }
  | { readonly kind: 'clock'; readonly shows: Shows }
  /** The power goes, and comes back after so many seconds. */
  | { readonly kind: 'off'; readonly seconds: number }
  /** It comes back at once, and goes again before that operation on the disk; `found`: which of the possible remains is found then. */
  | { readonly kind: 'crash'; readonly operation: number; readonly found: number };

export interface History {
  readonly box: Box;
  readonly steps: readonly { readonly after: number; readonly act: Act }[];
  /** Where the device is at the end, when everything works again. */
  readonly end: Box;
  readonly seed: number;
}

const HOUR = 3_600;
const box = fc.constantFrom<Box>('a', 'a2', 'b', 'rogue', 'none');
const way = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Way>('open') },
  fc.constantFrom<Way>('http-only', 'down', 'portal'),
);
const says = fc.constantFrom<Says>(
  'well',
  'busy',
  'late',
  'garbage',
  'again',
  'older',
  'older',
  'refused',
  'later',
  'unconfirmed',
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move' as const), box, way }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('box' as const), box, connection: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('service' as const), says }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), plantA: fc.constantFrom<PlantA>('a', 'both', 'a2') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill-switch' as const, 'release' as const, 'claim' as const, 'reset' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      shows: fc.constantFrom<Shows>('right', '1970', '2099'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('off' as const),
      seconds: fc.constantFrom(10, HOUR, 50 * HOUR, 150 * HOUR),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), operation: fc.nat(40), found: fc.nat(60) }),
  },
);
const after = fc.constantFrom(0, 5, 70, 400, 1.3 * HOUR);

const step = fc.record({ after, act });
/** From one known network to another, with and without a service. */
const move = fc.record({
  kind: fc.constant('move' as const),
  box: fc.constantFrom<Box>('a', 'b', 'none'),
  way: fc.constantFrom<Way>('open', 'open', 'portal'),
});
const visit = fc.record({ after: fc.constantFrom(70, 400), act: move });
const turn = fc.record({
  after: fc.constantFrom(70, 400),
  act: fc.record({ kind: fc.constant('service' as const), says }),
});

/** Mostly short, so that many begin differently. */
export const history: fc.Arbitrary<History> = fc.record({
  box,
  steps: fc.oneof(
    { weight: 5, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.tuple(visit, visit, fc.oneof(turn, step), visit).map((steps) => [...steps]) },
  ),
  end: box,
  seed: fc.nat(),
});
