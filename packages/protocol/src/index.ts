export { type Claim, encodeClaim, parseClaim } from './claim.ts';
export { PROTOCOL_ERROR_CODES, ProtocolError, type ProtocolErrorCode } from './errors.ts';
export {
  type DeviceId,
  type Digest,
  digestOf,
  formatTime,
  type NetworkId,
  type Nonce,
  type OrganizationId,
  parseDer,
  parseDigest,
  parseHost,
  parseId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseScope,
  parseSerial,
  parseServiceName,
  parseTime,
  type Serial,
  type ServiceName,
  type UnixSeconds,
  unixSeconds,
} from './forms.ts';
export * from './limits.ts';
export { PURPOSE, publisherUri } from './purposes.ts';
export { type JsonObject, type JsonValue, parseBody, parseStrictJson } from './strict-json.ts';
