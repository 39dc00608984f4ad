/** The fleet of `npm run lab -- fleet` in small: nobody comes faster than told, no second gets too many, and without jitter one does. */
import { expect, it } from 'vitest';
import { mostShare, runFleet } from './fleet.ts';

it('[L8] devices that start at one moment are all online, come back spread, and never before they were told', {
  timeout: 240_000,
}, async () => {
  const toldSeconds = 10;
  const most = mostShare(toldSeconds);
  const fleet = await runFleet({
    supervisors: 120,
    processes: 2,
    programs: 2,
    controls: 12,
    toldSeconds,
    withinSeconds: 150,
    requestsPerSecond: 2_000,
  });
  expect(fleet.online).toBe(134);
  expect(fleet.returns).toMatchObject({ count: 122 });
  expect(fleet.returns.earliest).toBeGreaterThanOrEqual(toldSeconds);
  expect(fleet.returns.busiestShareOfTold).toBeLessThanOrEqual(most);
  // The same measure finds a fleet whose jitter is taken out.
  expect(fleet.control.busiestShareOfTold).toBeGreaterThan(most);
});
