// Manifests, and what people do with devices on the spot: claim with the label's code, place, replace.
import { Type } from 'typebox';
import { DigestText, Name, SerialText } from './forms.ts';
import {
  DeviceLabel,
  MAX_MANIFEST_ROWS,
  ManifestEntry,
  ManifestResult,
  ManifestRow,
  OrderClaims,
  OrderNumber,
  Replacement,
} from './manifest-schemas.ts';
import { items, listQuery } from './paging.ts';
import { LabelProof } from './proof-schemas.ts';
import { ADMIN, CLAIMERS, closed, nothing, type Route } from './route.ts';
import { ClaimEntry } from './schemas.ts';
import { Device } from './views.ts';

/** Routes by the name of their method in the client. */
export const MANIFEST_ROUTES = {
  importManifest: {
    method: 'POST',
    path: '/v1/manifests',
    roles: ADMIN,
    organization: 'service',
    act: 'manifest.import',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        /** SHA-256 of the file, hexadecimal: the same file is the same import. */
        import: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'the SHA-256 of the file in hexadecimal' }),
        /** For rows that do not name one. */
        defaultManufacturer: Type.Optional(Name),
        /** For rows that do not say it: claims of these devices need a label proof. */
        defaultLabelProof: Type.Optional(Type.Boolean({ description: 'true or false' })),
        rows: Type.Array(ManifestRow, {
          minItems: 1,
          maxItems: MAX_MANIFEST_ROWS,
          description: `1 to ${MAX_MANIFEST_ROWS} rows`,
        }),
        /** Says what would be done, and does nothing. */
        dryRun: Type.Boolean({ description: 'true or false' }),
      },
      closed,
    ),
    answer: ManifestResult,
  },
  listManifest: {
    method: 'GET',
    path: '/v1/manifests',
    roles: ADMIN,
    organization: 'service',
    act: 'manifest.list',
    params: nothing,
    query: listQuery({
      order: Type.Optional(OrderNumber),
      /** Those that somebody owns, or (false) nobody. */
      claimed: Type.Optional(Type.Boolean({ description: 'true or false' })),
    }),
    body: null,
    answer: items(ManifestEntry),
  },
  claimOrder: {
    method: 'POST',
    path: '/v1/claims/order',
    roles: ADMIN,
    organization: 'body',
    act: 'claim.order',
    params: nothing,
    query: nothing,
    body: Type.Object({ order: OrderNumber, organization: Name, network: Type.Optional(Name) }, closed),
    answer: OrderClaims,
  },
  claimWithCode: {
    method: 'POST',
    path: '/v1/claims/code',
    roles: CLAIMERS,
    organization: 'body',
    act: 'claim.add',
    params: nothing,
    query: nothing,
    body: Type.Object(
      {
        serial: SerialText,
        manufacturer: Type.Optional(Name),
        organization: Type.Optional(Name),
        network: Type.Optional(Name),
        name: Type.Optional(DeviceLabel),
        /** What the code gives: the code itself is not sent. Spec S15. */
        claimToken: DigestText,
        /** Where the device demands one: without it the refusal says what it has to cover. */
        labelProof: Type.Optional(LabelProof),
      },
      closed,
    ),
    answer: ClaimEntry,
  },
  placeDevice: {
    method: 'POST',
    path: '/v1/devices/:serial/place',
    roles: CLAIMERS,
    organization: 'object',
    act: 'device.place',
    params: Type.Object({ serial: SerialText }, closed),
    query: nothing,
    body: Type.Object(
      { manufacturer: Type.Optional(Name), network: Type.Optional(Name), name: Type.Optional(DeviceLabel) },
      closed,
    ),
    answer: Device,
    guardedBy: 'showDevice',
  },
  replaceDevice: {
    method: 'POST',
    path: '/v1/devices/:serial/replace',
    roles: CLAIMERS,
    organization: 'object',
    act: 'device.replace',
    params: Type.Object({ serial: SerialText }, closed),
    query: nothing,
    body: Type.Object(
      {
        manufacturer: Type.Optional(Name),
        replacement: SerialText,
        replacementManufacturer: Type.Optional(Name),
      },
      closed,
    ),
    answer: Replacement,
    guardedBy: 'showDevice',
  },
} as const satisfies Readonly<Record<string, Route>>;
