// npm run fuzz:uploads [-- --inputs N] [--seed N]: many uploads, by hand. Ends with 1 when something was found.
import { parseArgs } from 'node:util';
import { fuzzUploads } from './fuzz-uploads.ts';

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
const { problems, outcomes } = await fuzzUploads({ inputs, seed });
process.stdout.write(`${JSON.stringify({ inputs, seed, outcomes, problems }, null, 2)}\n`);
if (problems.length > 0) process.exitCode = 1;
