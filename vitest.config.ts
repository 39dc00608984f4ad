// Tests run on the TypeScript sources of every package (export condition "source"), so that no test sees a stale build.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two at least: those of the lab mostly wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
