// The security profile: which inspection CAs an organization's devices may trust on one network, and what else they need there. @see spec section 4
import {
  type Digest,
  hostAndPort,
  type NetworkId,
  type OrganizationId,
  type ProxyAddress,
  parseDer,
  parseDigest,
  parseHost,
  parseId,
  parseNetworkId,
  parseOrganizationId,
  parseScope,
  parseServiceName,
  parseTime,
  parseUrlPath,
  proxyAddress,
  type ServiceName,
  text,
  type UnixSeconds,
} from './forms.ts';
import {
  MAX_ALPN_BYTES,
  MAX_BODY_BYTES,
  MAX_ENDPOINTS,
  MAX_INSPECTION_CAS,
  MAX_PINS,
  MAX_RETIRED_KEYS,
  MAX_SCOPES,
} from './limits.ts';
import { anyObject, array, boolean, integer, message, object, oneOf, type Words } from './schema.ts';
import type { JsonObject } from './strict-json.ts';

/** One inspection CA, for which names it may be trusted, and when. */
export interface InspectionCa {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Scopes: `*`, a host with every name below it, or an IP prefix. At least one. */
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

const ENDPOINT_PROTOCOLS = 'https mqtts wss amqps tls';
/** What an endpoint speaks over TLS; `tls`: nothing that a probe knows. */
export type EndpointProtocol = Words<typeof ENDPOINT_PROTOCOLS>;

/** A host of the application, which the agent probes through the proxy. @see spec M5, M6 */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: EndpointProtocol;
  /** Without this endpoint the profile does not become active. */
  readonly required: boolean;
  /** Of `https` and `wss`; `/` where it is left out. */
  readonly path?: string;
  /** The one protocol that the ClientHello offers. */
  readonly alpn?: string;
  /** It demands a TLS client certificate, so it cannot be inspected. */
  readonly clientCertificate?: boolean;
  /** SPKI digests, at least one: its clients take no other key, so it cannot be inspected. */
  readonly pins?: readonly Digest[];
}

/** Signed by the publisher when it is published; the same bytes for every device of the network. */
export interface SecurityProfile {
  readonly service: ServiceName;
  readonly organization: OrganizationId;
  readonly network: NetworkId;
  /** The claim's. */
  readonly epoch: number;
  /** Rises by one with each publication. */
  readonly sequence: number;
  readonly issued: UnixSeconds;
  /** The last second in which the profile holds; not after its publisher's certificate ends. */
  readonly expires: UnixSeconds;
  readonly inspectionCas: readonly InspectionCa[];
  /** SPKI digests of CAs that are no longer to be trusted. */
  readonly retire: readonly Digest[];
  readonly endpoints: readonly Endpoint[];
  readonly explicitProxy?: ProxyAddress;
  /** Scopes for which no explicit proxy is taken. */
  readonly noProxy?: readonly string[];
  readonly timeServers?: readonly string[];
  readonly dns?: readonly string[];
  readonly settings: JsonObject;
  readonly extensions?: JsonObject;
  readonly sealedSettings?: { readonly ciphertext: string; readonly commitment: Digest };
}

/** The security profile of a payload. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
export const parseSecurityProfile = message<SecurityProfile>(
  'security-profile',
  object({
    service: parseServiceName,
    organization: parseOrganizationId,
    network: parseNetworkId,
    epoch: integer(),
    sequence: integer(),
    issued: parseTime,
    expires: parseTime,
    inspectionCas: array(
      object({
        certificate: parseDer,
        permittedNames: array(parseScope, MAX_SCOPES, 1),
        excludedNames: array(parseScope, MAX_SCOPES),
        from: parseTime,
        until: parseTime,
      }),
      MAX_INSPECTION_CAS,
    ),
    retire: array(parseDigest, MAX_RETIRED_KEYS),
    endpoints: array(
      object({
        name: parseId,
        ...hostAndPort,
        protocol: oneOf(ENDPOINT_PROTOCOLS),
        required: boolean,
        'path?': parseUrlPath,
        'alpn?': text(MAX_ALPN_BYTES, 1),
        'clientCertificate?': boolean,
        'pins?': array(parseDigest, MAX_PINS, 1),
      }),
      MAX_ENDPOINTS,
    ),
    'explicitProxy?': proxyAddress,
    'noProxy?': array(parseScope, MAX_SCOPES, 1),
    'timeServers?': array(parseHost, 8, 1),
    'dns?': array(parseHost, 8, 1),
    settings: anyObject,
    'extensions?': anyObject,
    'sealedSettings?': object({ ciphertext: text(MAX_BODY_BYTES), commitment: parseDigest }),
  }),
);

/** The payload text of a security profile. @throws ProtocolError `json`, `schema`: what a device would refuse. */
export const encodeSecurityProfile = (profile: SecurityProfile): string => parseSecurityProfile.encode(profile);
