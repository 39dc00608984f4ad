// Every number of the specification, with its unit. @see spec section 10

/** A body after content decoding, in bytes (F1). */
export const MAX_BODY_BYTES = 65_536;
/** Nesting of JSON objects and arrays (F2). */
export const MAX_JSON_LEVELS = 16;
/** Certificates in one envelope (E3). */
export const MAX_ENVELOPE_CERTIFICATES = 4;
/** Certificates in a presented chain (M2). */
export const MAX_PRESENTED_CERTIFICATES = 4;
/** All certificates of a presented chain together, in bytes (M2). */
export const MAX_PRESENTED_CHAIN_BYTES = 16_384;
/** Inspection CAs in a security profile. */
export const MAX_INSPECTION_CAS = 16;
/** Publisher anchors in a claim. */
export const MAX_PUBLISHERS = 4;
/** Endpoints in a security profile or a report. */
export const MAX_ENDPOINTS = 64;
/** Keys that an endpoint's clients take. */
export const MAX_PINS = 4;
/** A protocol name of ALPN, in bytes. */
export const MAX_ALPN_BYTES = 32;
/** Retired keys in a security profile, removed anchors in a report. */
export const MAX_RETIRED_KEYS = 64;
/** Permitted names, and excluded names, of one inspection CA; names and prefixes that take no explicit proxy. */
export const MAX_SCOPES = 64;
/** Held profiles named in a request. */
export const MAX_HELD_PROFILES = 8;
/** Revocation lists in an answer, held lists named in a request: one per service anchor (R1). */
export const MAX_REVOCATION_LISTS = 4;
/** Trust stores named in a request or a report. */
export const MAX_STORES = 16;
/** Anchors in one store of a report. */
export const MAX_STORE_ANCHORS = 16;
/** A request is younger than this when its answer is accepted, in seconds of monotonic time (D4). */
export const MAX_REQUEST_AGE_SECONDS = 300;
/** The same for an answer that was carried by hand, in seconds (D4). */
export const MAX_HAND_CARRIED_AGE_SECONDS = 30 * 86_400;
/** How far generation, ownership or epoch may rise at once (D11, D15), and a counter may be above the time in seconds (S10). */
export const MAX_STEP = 65_536;
/** How far a sequence may rise at once (D16). */
export const MAX_SEQUENCE_STEP = 2 ** 24;
/** The longest validity of a responder's certificate, in seconds (K5). */
export const MAX_RESPONDER_LIFETIME_SECONDS = 31 * 86_400;
/** How far a decision may be from a trusted clock, in seconds (T3). */
export const MAX_CLOCK_DIFFERENCE_SECONDS = 86_400;
/** How far after the time of validation a profile may have been issued, in seconds (D17). */
export const MAX_ISSUED_AHEAD_SECONDS = 86_400;
/** How far after the floor a clock may be and still be trusted, in seconds: 10 years (T4). */
export const MAX_CLOCK_AHEAD_SECONDS = 3_652 * 86_400;
/** One answer is repeated per (device, nonce) for this long, in seconds (S5). */
export const ANSWER_REPEAT_SECONDS = 300;
/** The longest time between two refreshes, in seconds. */
export const MAX_REFRESH_SECONDS = 2_592_000;
/** The longest wait that an answer may ask for, in seconds. */
export const MAX_RETRY_SECONDS = 86_400;
/** RSA moduli of publishers and devices, in bits (E5). */
export const MIN_RSA_BITS = 2_048;
export const MAX_RSA_BITS = 8_192;
