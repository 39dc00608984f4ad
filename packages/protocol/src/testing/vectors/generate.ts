// Writes spec/vectors anew: new keys, the same cases. Run it when a rule or a case changes: node packages/protocol/src/testing/vectors/generate.ts
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createWorld } from '../world.ts';
import { acknowledgementVectors } from './acknowledgements.ts';
import { claimVectors } from './answers-claim.ts';
import { decisionVectors } from './answers-decision.ts';
import { envelopeVectors } from './answers-envelope.ts';
import { formVectors } from './answers-forms.ts';
import { labelVectors } from './answers-label.ts';
import { nameVectors } from './answers-names.ts';
import { outcomeVectors } from './answers-outcomes.ts';
import { profileVectors } from './answers-profile.ts';
import { revocationVectors } from './answers-revocations.ts';
import { signerVectors } from './answers-signers.ts';
import { deviceVectors } from './exchanges.ts';

const directory = new URL('../../../../../spec/vectors/', import.meta.url).pathname;

const world = createWorld();
const vectors = [
  ...outcomeVectors(world),
  ...formVectors(world),
  ...envelopeVectors(world),
  ...signerVectors(world),
  ...revocationVectors(world),
  ...nameVectors(world),
  ...decisionVectors(world),
  ...claimVectors(world),
  ...labelVectors(world),
  ...profileVectors(world),
  ...deviceVectors(world),
  ...acknowledgementVectors(world),
];
const ids = new Set(vectors.map(({ id }) => id));
if (ids.size !== vectors.length)
  throw new Error(
    `two vectors have one id: ${vectors.map(({ id }) => id).filter((id, index, all) => all.indexOf(id) !== index)}`,
  );

for (const entry of readdirSync(directory, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(`${directory}${entry.name}`, { recursive: true });
}
for (const vector of vectors) {
  const path = `${directory}${vector.id}.json`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(vector, null, 2)}\n`);
}
