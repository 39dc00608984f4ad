// A process of its own that tries claim codes against a database: FILE TIMES. Prints how many attempts were let through.
import { randomBytes } from 'node:crypto';
import { parseOrganizationId, parseSerial, unixSeconds } from '@windlass/protocol';
import { countAttempt } from '../claim-attempts.ts';
import { openManagementStore } from '../store/management-store.ts';
import { memberOf } from './manifest-fixture.ts';

const [file = '', times = '0'] = process.argv.slice(2);
const store = await openManagementStore(file, 'write');
const instance = { store, now: () => unixSeconds(1_800_000_000), randomBytes };
const attempted = { serial: parseSerial('S-1'), organization: parseOrganizationId('acme') };
let through = 0;
for (let index = 0; index < Number(times); index++) {
  await countAttempt(instance, memberOf('acme', 'installer'), attempted).then(
    () => {
      through += 1;
    },
    () => undefined,
  );
}
await store.close();
process.stdout.write(String(through));
