// The tests of the tree, with the check named by WINDLASS_PLANTED left out of its source.
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { type TaggedCheck, withoutCheck } from './tagged-checks.ts';

const planted: TaggedCheck | undefined = process.env['WINDLASS_PLANTED'] && JSON.parse(process.env['WINDLASS_PLANTED']);

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default mergeConfig(
  base,
  defineConfig({
    // Transformed modules are not cached between runs: each leaves out another check.
    test: { fsModuleCache: false },
    plugins: [
      {
        name: 'leave-out-one-check',
        enforce: 'pre',
        transform: (text, id) => (planted && id === planted.file ? withoutCheck(text, planted) : undefined),
      },
    ],
  }),
);
