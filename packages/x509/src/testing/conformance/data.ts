// Where the suites are. They are third-party data and no part of the project.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder with the data, or one sentence about what to do. */
export type Data =
  | { readonly kind: 'here'; readonly folder: string }
  | { readonly kind: 'missing'; readonly sentence: string };

const BESIDE_THE_PROJECT = fileURLToPath(new URL('../../../../../../shared/data/x509', import.meta.url));
const FILES = ['limbo.public.json.gz', 'limbo.public.json', 'limbo.json.gz', 'limbo.json'];

/** Looks into WINDLASS_X509_DATA, else beside the project. */
export function findData(folder = process.env['WINDLASS_X509_DATA'] ?? BESIDE_THE_PROJECT): Data {
  const hasChains = FILES.some((file) => existsSync(`${folder}/${file}`));
  if (hasChains && existsSync(`${folder}/wycheproof`)) return { kind: 'here', folder };
  const sentence =
    `There is no conformance data in ${folder}. Make a folder with limbo.json of github.com/C2SP/x509-limbo and the ` +
    'files of testvectors_v1 of github.com/C2SP/wycheproof in a folder "wycheproof" below, and set WINDLASS_X509_DATA to it.';
  return { kind: 'missing', sentence };
}
