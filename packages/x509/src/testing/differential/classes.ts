// All classes of differences.

import { BUILDING_CLASSES } from './classes-building.ts';
import { ENCODING_CLASSES } from './classes-encoding.ts';
import { PROFILE_CLASSES } from './classes-profile.ts';
import { RFC_CLASSES } from './classes-rfc.ts';
import type { DifferenceClass } from './difference.ts';

/** In the order in which they are tried. */
export const CLASSES: readonly DifferenceClass[] = [
  ...ENCODING_CLASSES,
  ...BUILDING_CLASSES,
  ...RFC_CLASSES,
  ...PROFILE_CLASSES,
];
