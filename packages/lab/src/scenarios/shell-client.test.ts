/** The client made of stock tools passes every vector marked `shell`: it accepts what must be accepted and refuses what must be refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';

interface Vector {
  readonly id: string;
  readonly shell: boolean;
  readonly expected: { readonly outcome?: string; readonly error?: string };
}

const rootPath = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const folder = rootPath('spec/vectors/answer/');
const vectors = readdirSync(folder)
  .map((file) => ({ file: folder + file, vector: JSON.parse(readFileSync(folder + file, 'utf8')) as Vector }))
  .filter(({ vector }) => vector.shell);

async function verdictOf(file: string): Promise<string> {
  const { stdout, stderr } = await runCommand(['sh', rootPath('clients/shell/bootstrap.sh'), 'verify', file]);
  return stdout.trim() || stderr.trim();
}

it('the shell client passes all vectors marked shell, negative ones included', { timeout: 600_000 }, async () => {
  const wrong: string[] = [];
  const waiting = [...vectors];
  let codes = 0;
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { file, vector } = next;
      const verdict = await verdictOf(file);
      const { outcome, error } = vector.expected;
      if (outcome === undefined ? !verdict.startsWith('refused ') : verdict !== `accepted ${outcome}`)
        wrong.push(`${vector.id}: ${verdict}`);
      else if (outcome !== undefined || verdict === `refused ${error}`) codes++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(
    `shell client: ${vectors.length - wrong.length} of ${vectors.length} vectors, ${codes} with the very code of the specification`,
  );
  expect(vectors.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
