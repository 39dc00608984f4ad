// Tests of the service that choose no database themselves, over PostgreSQL: one private server for all of them.
import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  {
    test: {
      include: [
        'packages/service/src/{approvals,bootstrap,claim-renewal,claims,idempotency,inspection-cas,management}.test.ts',
        'packages/service/src/{observations,organizations,profiles,registered-devices,report}.test.ts',
        'packages/service/src/http/lists.test.ts',
      ],
      globalSetup: ['packages/service/src/testing/postgres-global-setup.ts'],
    },
  },
);
