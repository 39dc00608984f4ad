// Answers that are not in the form of sections 2 and 4, each signed by whom it should be; and what a device does not implement.

import { at, type Json, type Members, NOW, payloadOf, sha256, type World } from '../world.ts';
import { type AnswerParts, type AnswerTwist, answerVector, type CaseHead, type Vector } from './vector.ts';

type Make = (head: CaseHead, twist: AnswerTwist) => Vector;

export function formVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, head, twist);
  return [
    ...sizeVectors(make),
    ...jsonVectors(make),
    ...schemaVectors(make),
    ...valueVectors(make),
    ...endpointVectors(make),
    ...pathVectors(make),
    ...headVectors(make),
    ...presenceVectors(make),
    ...unsupportedVectors(make),
  ];
}

function sizeVectors(make: Make): readonly Vector[] {
  return [
    make(
      { name: 'size-65536', rule: 'F1', says: 'The body has 65536 bytes.', shell: true },
      { body: (text) => text.padEnd(65_536) },
    ),
    make(
      { name: 'size-65537', rule: 'F1', says: 'The body has 65537 bytes.', error: 'too-large', shell: true },
      { body: (text) => text.padEnd(65_537) },
    ),
  ];
}

/** `text` in place of the honest settings, inside the signature of the publisher. */
function settings(text: string): AnswerTwist {
  return {
    profile: { settings: {} },
    texts: { profile: (payload) => payload.replace('"settings":{}', `"settings":${text}`) },
  };
}

function jsonVectors(make: Make): readonly Vector[] {
  const setting = (name: string, says: string, text: string, error?: string) =>
    make({ name: `json-${name}`, rule: 'F2', says, ...(error ? { error } : {}) }, settings(text));
  const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const body = (name: string, says: string, change: AnswerTwist['body'] & object) =>
    make({ name: `json-${name}`, rule: 'F2', says, error: 'json' }, { body: change });
  const notUtf8 = (text: string): Uint8Array => {
    const bytes = Buffer.from(text);
    const at = bytes.indexOf('\ufffd');
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]);
  };
  return [
    make(
      { name: 'json-not-utf-8', rule: 'F2', says: 'A byte 0xFF where the signed text has U+FFFD.', error: 'json' },
      { ...settings('{"a":"\ufffd"}'), body: notUtf8 },
    ),
    body('byte-order-mark', 'A byte order mark.', (text) => `\ufeff${text}`),
    body('member-repeated-in-answer', 'The decision is there twice; the first is empty.', (text) =>
      text.replace('{', '{"decision":{},'),
    ),
    body('trailing', 'Something follows the answer.', (text) => `${text}x`),
    body('truncated', 'The last brace is missing.', (text) => text.slice(0, -1)),
    body('member-name-unquoted', 'A member name has no quotes.', (text) => text.replace('"decision"', 'decision')),
    body('colon-missing', 'A colon is missing.', (text) => text.replace('"decision":', '"decision" ')),
    make(
      { name: 'json-member-repeated', rule: 'F2', says: 'The signed decision says its outcome twice.', error: 'json' },
      { texts: { decision: (payload) => payload.replace('"outcome"', '"outcome":"refused","outcome"') } },
    ),
    setting('member-repeated-in-settings', 'A member of the settings is repeated.', '{"a":1,"a":1}', 'json'),
    setting(
      'member-repeated-by-escape',
      'A member is repeated with an escape in its name.',
      '{"a":1,"\\u0061":2}',
      'json',
    ),
    setting('lone-surrogate', 'A string has half of a surrogate pair.', '{"a":"\\ud800"}', 'json'),
    setting('u-0000', 'A string has U+0000.', '{"a":"\\u0000"}', 'json'),
    setting('fraction', 'A number has a fraction.', '{"a":1.0}', 'json'),
    setting('exponent', 'A number has an exponent.', '{"a":1e3}', 'json'),
    setting('negative', 'A number has a sign.', '{"a":-1}', 'json'),
    setting('leading-zero', 'A number has a leading zero.', '{"a":01}', 'json'),
    setting('above-2-53', 'A number is 2^53.', '{"a":9007199254740992}', 'json'),
    setting('largest-number', 'A number is 2^53-1.', '{"a":9007199254740991}'),
    setting('word', 'A word that JSON does not have.', '{"a":NaN}', 'json'),
    setting('17-levels', '17 levels.', nested(15), 'json'),
    setting('16-levels', '16 levels.', nested(14)),
    setting('surrogate-pair', 'A string has a whole surrogate pair, escaped.', '{"a":"\\ud83d\\ude00"}'),
    setting('proto', 'A member of the settings is named __proto__.', '{"__proto__":{"a":1}}'),
    ...payloadVectors(make),
  ];
}

function payloadVectors(make: Make): readonly Vector[] {
  const payload = (name: string, says: string, change: (payload: string) => string, error = 'json') =>
    make({ name: `payload-${name}`, rule: 'F3', says, error }, { texts: { decision: change } });
  return [
    payload('line-break', 'The signed payload ends with a line break.', (text) => `${text}\n`),
    payload('pretty', 'The signed payload is spread over lines.', (text) => JSON.stringify(JSON.parse(text), null, 2)),
    payload('tab', 'The signed payload has a tab between members.', (text) => text.replace(',', ',\t')),
    payload('array', 'The signed payload is an array.', (text) => `[${text}]`),
    payload('null', 'The signed payload is null.', () => 'null'),
    make(
      { name: 'payload-spaces', rule: 'F3', says: 'The signed payload has spaces.' },
      { texts: { decision: (text) => ` ${text.replaceAll(',', ' , ')} ` } },
    ),
  ];
}

function schemaVectors(make: Make): readonly Vector[] {
  const refused = { rule: 'F4', error: 'schema' };
  const decided = (name: string, says: string, decision: Members) =>
    make({ name: `schema-${name}`, says, ...refused }, { decision });
  const published = (name: string, says: string, profile: Members) =>
    make({ name: `schema-${name}`, says, ...refused }, { profile });
  return [
    make(
      { name: 'schema-answer-unknown-member', says: 'The answer has an unknown member.', ...refused },
      { answer: (parts) => ({ ...parts, extra: 1 }) },
    ),
    make(
      { name: 'schema-no-decision', says: 'The answer has no decision.', ...refused, shell: true },
      { answer: ({ decision: _, ...rest }) => rest },
    ),
    make({ name: 'schema-answer-array', says: 'The answer is an array.', ...refused }, { answer: (parts) => [parts] }),
    make(
      { name: 'schema-envelope-null', says: 'The decision is null.', ...refused },
      { answer: (parts) => ({ ...parts, decision: null }) },
    ),
    make(
      { name: 'schema-signature-line-break', says: 'The base64 of a signature has a line break.', ...refused },
      signature((text) => `${text.slice(0, 64)}\n${text.slice(64)}`),
    ),
    make(
      { name: 'schema-signature-not-padded', says: 'The base64 of a signature lacks a character.', ...refused },
      signature((text) => text.slice(0, -1)),
    ),
    make(
      { name: 'schema-signature-empty', says: 'A signature is empty.', ...refused },
      signature(() => ''),
    ),
    make(
      { name: 'schema-payload-object', says: 'A payload is an object and not text.', ...refused },
      {
        answer: (parts) => ({ ...parts, decision: { ...parts.decision, payload: JSON.parse(parts.decision.payload) } }),
      },
    ),
    decided('unknown-member', 'The decision has an unknown member.', { extra: 1 }),
    decided('missing-member', 'The decision has no refreshAfterSeconds.', { refreshAfterSeconds: undefined }),
    decided('type-missing', 'The decision has no type.', { type: undefined }),
    decided('version-text', 'The version is text.', { version: '1' }),
    decided('device-null', 'A device is null.', { device: null }),
    decided('device-unknown-member', 'A device has an unknown member.', {
      device: { manufacturer: sha256(''), serial: 'S', model: 'M' },
    }),
    decided('outcome', 'An outcome that is none.', { outcome: 'allowed' }),
    decided('refresh-zero', 'A time between refreshes of 0 seconds.', { refreshAfterSeconds: 0 }),
    decided('refresh-long', 'A time between refreshes above 30 days.', { refreshAfterSeconds: 2_592_001 }),
    decided('optional-null', 'An optional member is null.', { retryAfterSeconds: null }),
    published('endpoints-object', 'The endpoints are an object.', { endpoints: {} }),
    published('endpoints-65', '65 endpoints.', {
      endpoints: many(65, (index) => ({ ...ENDPOINT, name: `e${index}` })),
    }),
    published('time-servers-empty', 'A list of time servers that is empty.', { timeServers: [] }),
    published('settings-array', 'The settings are an array.', { settings: [] }),
    published('port-65536', 'A port of 65536.', { endpoints: [{ ...ENDPOINT, port: 65_536 }] }),
    published('required-text', 'A truth value is text.', { endpoints: [{ ...ENDPOINT, required: 'true' }] }),
    make(
      { name: 'schema-extensions', rule: 'F4', says: 'Any member is allowed inside extensions.' },
      { profile: { extensions: { 'any thing': [1, { b: null }] } } },
    ),
  ];
}

const ENDPOINT = { name: 'e', host: 'example.com', port: 443, protocol: 'https', required: true };

function many<T>(count: number, item: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

function signature(change: (text: string) => string): AnswerTwist {
  return {
    answer: (parts) => ({ ...parts, decision: { ...parts.decision, signature: change(parts.decision.signature) } }),
  };
}

/** Values that have another form than the specification gives them. */
function valueVectors(make: Make): readonly Vector[] {
  const profile = (name: string, says: string, change: Members) =>
    make({ name: `form-${name}`, rule: 'F4', says, error: 'schema' }, { profile: change });
  const host = (value: string): Members => ({ endpoints: [{ ...ENDPOINT, host: value }] });
  const scope = (value: Json): Members => ({
    inspectionCas: [{ certificate: 'MAA=', permittedNames: [value], excludedNames: [], from: at(NOW), until: at(NOW) }],
  });
  const certificate = (value: string): Members => ({
    inspectionCas: [{ certificate: value, permittedNames: ['*'], excludedNames: [], from: at(NOW), until: at(NOW) }],
  });
  return [
    profile('time-calendar', 'The 30th of February.', { issued: '2026-02-30T00:00:00Z' }),
    profile('time-offset', 'A time with an offset.', { issued: '2026-02-20T00:00:00+00:00' }),
    profile('time-fraction', 'A time with a fraction of a second.', { issued: '2026-02-20T00:00:00.000Z' }),
    profile('time-leap-second', 'A leap second.', { issued: '2016-12-31T23:59:60Z' }),
    profile('time-before-1970', 'A time before 1970.', { issued: '1969-12-31T23:59:59Z' }),
    profile('digest-not-canonical', 'Base64 with bits that do not count.', {
      retire: [sha256('a').replace(/.=$/, 'B=')],
    }),
    profile('digest-short', 'A digest of 31 bytes.', { retire: [Buffer.alloc(31).toString('base64')] }),
    profile('id-path', 'A network that could be a path.', { network: '../plant-a' }),
    profile('id-long', 'A name of 64 characters.', { network: 'a'.repeat(64) }),
    profile('host-upper-case', 'A host in upper case.', host('Example.com')),
    profile('host-final-dot', 'A host with a final dot.', host('example.com.')),
    profile('host-port', 'A host with a port.', host('example.com:443')),
    profile('host-empty', 'A host that is empty.', host('')),
    profile('host-ip-octet', 'An IPv4 address with an octet of 256.', host('192.0.2.256')),
    profile('scope-wildcard', 'A scope like *.example.com.', scope('*.example.com')),
    profile('scope-prefix', 'An IP prefix of 33 bits.', scope('10.0.0.0/33')),
    profile('scope-number', 'A scope that is a number.', scope(1)),
    profile('der-not-base64', 'A certificate in base64url.', certificate('MAA_')),
    profile('der-trailing', 'A certificate and a byte.', certificate('MAAA')),
    profile('der-length', 'A certificate that is shorter than it says.', certificate('MAUA')),
    profile('text-control', 'A sealed text with a control character.', {
      sealedSettings: { ciphertext: 'a\u0007', commitment: sha256('') },
    }),
    make(
      { name: 'form-serial-space', rule: 'F4', says: 'A serial that ends with a space.', error: 'schema' },
      { decision: { device: { manufacturer: sha256(''), serial: 'SN-0001 ' } } },
    ),
  ];
}

/** What an endpoint may say beside its name, host, port and protocol. */
function endpointVectors(make: Make): readonly Vector[] {
  const endpoint = (name: string, rule: string, says: string, change: Members, error?: string) => {
    const head = { name: `endpoint-${name}`, rule, says, ...(error && { error }) };
    return make(head, { profile: { endpoints: [{ ...ENDPOINT, ...change }] } });
  };
  const refused = (name: string, says: string, change: Members) => endpoint(name, 'F4', says, change, 'schema');
  const pins = (count: number) => ({ pins: many(count, (index) => sha256(`key ${index}`)) });
  return [
    endpoint('wss', 'M5', 'A WebSocket endpoint with a path and a query.', { protocol: 'wss', path: '/mqtt?a=~!"$%' }),
    endpoint('amqps', 'M5', 'An AMQP endpoint.', { protocol: 'amqps', port: 5671 }),
    endpoint('alpn', 'M5', 'MQTT on 443, told by ALPN.', { protocol: 'mqtts', alpn: 'x-amzn-mqtt-ca' }),
    endpoint('client-certificate', 'M6', 'It demands a client certificate.', { clientCertificate: true }),
    endpoint('four-pins', 'M6', 'Four pinned keys.', pins(4)),
    endpoint('path-200', 'F4', 'A path of 200 characters.', { path: `/${'a'.repeat(199)}` }),
    endpoint('alpn-32', 'F4', 'A protocol name of 32 bytes.', { alpn: 'a'.repeat(32) }),
    refused('protocol', 'A protocol that is none.', { protocol: 'http' }),
    refused('no-pins', 'No pinned key.', pins(0)),
    refused('five-pins', 'Five pinned keys.', pins(5)),
    refused('pin-in-hexadecimal', 'A pinned key in hexadecimal.', { pins: ['0'.repeat(64)] }),
    refused('path-201', 'A path of 201 characters.', { path: `/${'a'.repeat(200)}` }),
    refused('path-relative', 'A path without a slash.', { path: 'mqtt' }),
    refused('path-space', 'A path with a space, as in a request line.', { path: '/ HTTP/1.1' }),
    refused('path-fragment', 'A path with a fragment.', { path: '/a#b' }),
    refused('alpn-33', 'A protocol name of 33 bytes.', { alpn: 'a'.repeat(33) }),
    refused('alpn-empty', 'A protocol name that is empty.', { alpn: '' }),
    refused('client-certificate-text', 'A truth value is text.', { clientCertificate: 'true' }),
    refused('unknown-member', 'An unknown member.', { credentials: 'secret' }),
  ];
}

/** The explicit proxy of a network, and for whom it is not. */
function pathVectors(make: Make): readonly Vector[] {
  const PROXY = { host: 'proxy.plant.example', port: 3128 };
  const path = (name: string, rule: string, says: string, profile: Members, error?: string) =>
    make({ name, rule, says, ...(error && { error }) }, { profile });
  const refused = (name: string, says: string, profile: Members) => path(name, 'F4', says, profile, 'schema');
  return [
    path('proxy-over-tls', 'L10', 'An explicit proxy over TLS, and scopes that do not take it.', {
      explicitProxy: { ...PROXY, tls: true },
      noProxy: ['plant.example', '10.0.0.0/8', '2001:db8::/32'],
    }),
    path('proxy', 'L10', 'An explicit proxy.', { explicitProxy: PROXY }),
    refused('proxy-credentials', 'Credentials for the explicit proxy.', { explicitProxy: { ...PROXY, user: 'u' } }),
    refused('proxy-tls-text', 'A truth value is text.', { explicitProxy: { ...PROXY, tls: 'yes' } }),
    refused('proxy-url', 'The explicit proxy is a URL.', { explicitProxy: 'http://proxy.plant.example:3128' }),
    refused('no-proxy-empty', 'A list of scopes that is empty.', { explicitProxy: PROXY, noProxy: [] }),
    refused('no-proxy-65', '65 scopes.', { explicitProxy: PROXY, noProxy: many(65, (index) => `h${index}.example`) }),
    refused('no-proxy-wildcard', 'A scope like *.example.com.', { explicitProxy: PROXY, noProxy: ['*.example.com'] }),
  ];
}

function headVectors(make: Make): readonly Vector[] {
  const parts: readonly (keyof AnswerParts)[] = ['decision', 'claim', 'profile'];
  const head = (name: string, error: string, says: string, change: Members) =>
    parts.map((part) =>
      make(
        { name: `${part}-${name}`, rule: 'F5', says: `The ${part} ${says}`, error, shell: true },
        { [part]: change },
      ),
    );
  return [
    ...head('other-type', 'type', 'has another type and is right otherwise.', { type: 'acknowledgement' }),
    ...head('version-2', 'version', 'is of version 2.', { version: 2 }),
    ...head('other-service', 'service', 'is of another service.', { service: 'other.windlass.example' }),
    make(
      { name: 'claim-as-decision', rule: 'F5', says: 'A claim is given as the decision.', error: 'type', shell: true },
      { answer: (all) => ({ ...all, decision: all.claim }) },
    ),
    make(
      {
        name: 'profile-as-claim',
        rule: 'F5',
        says: 'A profile is given as the claim, and the decision says so.',
        error: 'type',
        shell: true,
      },
      {
        answer: (all) => ({ ...all, claim: all.profile }),
        texts: { claim: () => PROFILE_TEXT, profile: () => PROFILE_TEXT },
      },
    ),
  ];
}

const PROFILE_TEXT = payloadOf({ type: 'security-profile', version: 1, service: 'bootstrap.windlass.example' });

function presenceVectors(make: Make): readonly Vector[] {
  const decided = (name: string, says: string, decision: Members) =>
    make({ name: `presence-${name}`, rule: 'M1', says, error: 'schema' }, { decision });
  return [
    decided('granted-without-profile', 'granted without a profile.', { profile: undefined }),
    decided('granted-without-epoch', 'granted without an epoch.', { epoch: undefined }),
    decided('granted-with-code', 'granted with a code.', { code: 'suspended' }),
    decided('awaiting-with-profile', 'awaiting-approval with a network and a profile.', {
      outcome: 'awaiting-approval',
    }),
    decided('not-inspected-network-alone', 'not-inspected with a network and without a profile.', {
      outcome: 'not-inspected',
      profile: undefined,
    }),
    decided('unclaimed-with-organization', 'unclaimed with an organization.', { outcome: 'unclaimed' }),
    decided('refused-without-code', 'refused without a code.', {
      outcome: 'refused',
      organization: undefined,
      network: undefined,
      epoch: undefined,
      claim: undefined,
      profile: undefined,
    }),
    decided('refused-with-claim', 'refused with a claim.', {
      outcome: 'refused',
      code: 'suspended',
      organization: undefined,
      network: undefined,
      epoch: undefined,
      profile: undefined,
    }),
  ];
}

function unsupportedVectors(make: Make): readonly Vector[] {
  const refused = { error: 'unsupported', shell: true } as const;
  return [
    make(
      { name: 'unsupported-sealed-key', rule: 'X1', says: 'The decision has a sealed key.', ...refused },
      { decision: { sealedKey: 'AAAA' } },
    ),
    make(
      {
        name: 'unsupported-label-proof',
        rule: 'X1',
        says: 'The claim has a label proof, and the device no code.',
        ...refused,
      },
      { claim: { labelProof: sha256('proof') } },
    ),
    make(
      { name: 'unsupported-sealed-settings', rule: 'X1', says: 'The profile has sealed settings.', ...refused },
      { profile: { sealedSettings: { ciphertext: 'AAAA', commitment: sha256('key') } } },
    ),
  ];
}
