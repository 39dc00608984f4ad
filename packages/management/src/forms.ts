// The forms that several requests and answers share. A `description` says what the form is in words that follow
// "<member> must be": the listener makes its sentences from it.
import { type Static, Type } from 'typebox';

const TIME_PATTERN = '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z';
const FINGERPRINT_HEX_DIGITS = 64;

/** Largest file that can be uploaded as an inspection CA, in bytes. */
export const MAX_UPLOAD_BYTES = 1_048_576;

/** The name of an organization, network, endpoint or manufacturer: the name is the id. Spec section 2, `id`. */
export const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  description: '1 to 63 letters, digits, ".", "_" or "-", and start with a letter or digit',
});

/** The name of a person, such as an e-mail address; upper and lower case are the same. It is unique in the service. */
export const PersonName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._+@-]{0,126}$',
  description:
    'an e-mail address or a name: 1 to 127 letters, digits, ".", "_", "+", "@" or "-", and start with a letter or digit',
});

/** How people and the audit name a token or a session: the beginning of its digest. */
export const CredentialId = Type.String({
  pattern: '^[0-9a-f]{8}$',
  description: 'the 8 hexadecimal digits that a list names it by',
});

/** Days that a new token holds when nothing is said. */
export const DEFAULT_TOKEN_DAYS = 90;
/** Most days that a new token can hold. */
export const MAX_TOKEN_DAYS = 400;

/** Stands where a manufacturer is named, for a device that has none: its certificate is its own and was registered. */
export const SELF_SIGNED = 'self-signed';

/** A device's serial. Spec section 2, `serial`. */
export const SerialText = Type.String({
  pattern: '^[!-~]([ -~]{0,62}[!-~])?$',
  description: '1 to 64 printable ASCII characters that neither start nor end with a space',
});

/** RFC 3339, whole seconds, upper-case Z. */
export const Time = Type.String({
  pattern: `^${TIME_PATTERN}$`,
  description: 'a time like 2027-01-31T08:00:00Z',
});

/** A time, or a date alone, which means its first second in UTC. */
export const DateOrTime = Type.String({
  pattern: `^(\\d{4}-\\d{2}-\\d{2}|${TIME_PATTERN})$`,
  description: 'a date like 2027-01-31 or a time like 2027-01-31T08:00:00Z',
});

/** SHA-256 of a certificate's DER: upper-case hexadecimal with colons in answers; any case, with or without colons, in requests. */
export const Fingerprint = Type.String({
  pattern: `^[0-9A-Fa-f:]{${FINGERPRINT_HEX_DIGITS},${FINGERPRINT_HEX_DIGITS + FINGERPRINT_HEX_DIGITS / 2 - 1}}$`,
  description: 'a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons',
});

/** A fingerprint as words: letters and spaces; the service knows the words. */
export const FingerprintWords = Type.String({
  minLength: 1,
  maxLength: 400,
  pattern: '^[A-Za-z ]+$',
  description: 'the 24 words of the fingerprint with spaces between',
});

/** Base64 of 32 bytes. Spec section 2, `digest`. */
export const DigestText = Type.String({
  pattern: '^[A-Za-z0-9+/]{43}=$',
  description: 'the base64 of a SHA-256 digest',
});

/** One certificate as PEM text. */
export const CertificatePem = Type.String({ minLength: 1, maxLength: 65_536, description: 'one certificate as PEM' });

/** Names an inspection CA may vouch for. Spec section 2, `scope`; the service parses each. */
export const Scope = Type.String({
  minLength: 1,
  maxLength: 255,
  description: 'a host name, an IP prefix like 10.0.0.0/8, or "*"',
});

/** Why somebody does something, for the audit. */
export const Reason = Type.String({
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001F\\u007F]*$',
  description: 'at most 200 characters without control characters',
});

/** The same, where it must be said. */
export const RequiredReason = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001F\\u007F]*$',
  description: '1 to 200 characters without control characters',
});

/** What can follow the security profile's endpoint protocols. Spec section 4. */
export const EndpointProtocol = Type.Union(
  [Type.Literal('https'), Type.Literal('mqtts'), Type.Literal('wss'), Type.Literal('amqps'), Type.Literal('tls')],
  { description: '"https", "mqtts", "wss", "amqps" or "tls"' },
);
export type EndpointProtocol = Static<typeof EndpointProtocol>;

/** A DNS name or an IP address; the service parses it. */
export const Host = Type.String({ minLength: 1, maxLength: 253, description: 'a DNS name or an IP address' });

/** A TCP port. */
export const Port = Type.Integer({ minimum: 1, maximum: 65_535, description: 'a port from 1 to 65535' });

/** What of an endpoint is said only where it is needed. Spec section 4 and M6. */
export const EndpointDetails = {
  path: Type.Optional(
    Type.String({
      pattern: '^/[!-"$-~]{0,199}$',
      description: 'a path that starts with "/": at most 200 printable ASCII characters without space and "#"',
    }),
  ),
  alpn: Type.Optional(
    Type.String({ pattern: '^[!-~]{1,32}$', description: 'the name of an ALPN protocol, like "mqtt"' }),
  ),
  clientCertificate: Type.Optional(Type.Boolean({ description: 'true or false' })),
  /** SHA-256 of SubjectPublicKeyInfos. */
  pins: Type.Optional(
    Type.Array(DigestText, { minItems: 1, maxItems: 4, description: '1 to 4 SHA-256 digests in base64' }),
  ),
};

/** A whole number that is not negative. */
export const Count = Type.Integer({ minimum: 0 });

/**
 * The roles that people have inside an organization: `approver` alone approves, publishes and retires; `network-admin` prepares networks and
 * inspection CAs; `operator` looks after devices; `installer` claims and places them; `auditor` reads.
 */
export const OrganizationRole = Type.Union([
  Type.Literal('approver'),
  Type.Literal('network-admin'),
  Type.Literal('operator'),
  Type.Literal('installer'),
  Type.Literal('auditor'),
]);
export type OrganizationRole = Static<typeof OrganizationRole>;

/** The roles a token can have: `admin` is the operator of the service, who is in no organization. */
export const Role = Type.Union([Type.Literal('admin'), ...OrganizationRole.anyOf], {
  description: 'admin, approver, network-admin, operator, installer or auditor',
});
export type Role = Static<typeof Role>;
