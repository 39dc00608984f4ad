// Builds of the protocol with one check left out, loaded into this process.
import { readFileSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';
import { type TaggedCheck, withoutCheck } from './tagged-checks.ts';

/** What the bundled runner of vectors exports. */
export interface VectorRunner {
  /** Null where the vector's expectation was met, else what happened instead. */
  runVector(vector: unknown): string | null;
}

/** The runner of vectors over sources without `check`, or as they are. */
export async function buildRunner(entry: string, check?: TaggedCheck): Promise<VectorRunner> {
  const built = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    logLevel: 'silent',
    plugins: check ? [leavingOut(check)] : [],
  });
  const text = built.outputFiles[0]?.text ?? '';
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

function leavingOut(check: TaggedCheck): Plugin {
  return {
    name: 'leave-out-one-check',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === check.file ? { contents: withoutCheck(readFileSync(path, 'utf8'), check), loader: 'ts' } : undefined,
      );
    },
  };
}
