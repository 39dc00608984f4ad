import { digestOf, parseSerial } from '@windlass/protocol';
import { expect, test } from 'vitest';
import { createDeviceQuota } from './device-quota.ts';
import { QuotaError } from './errors.ts';

const device = (serial: string) => ({ manufacturer: digestOf('maker'), serial: parseSerial(serial) });

test('a device has a burst, then one request each five seconds; others have their own', () => {
  let now = 0;
  const quota = createDeviceQuota(50, () => now);
  for (let count = 0; count < 250; count++) quota(device('S-1'));
  expect(() => quota(device('S-1'))).toThrow(QuotaError);
  expect(() => quota(device('S-2'))).not.toThrow();
  now += 5_000;
  expect(() => quota(device('S-1'))).not.toThrow();
  expect(() => quota(device('S-1'))).toThrow(expect.objectContaining({ seconds: 5 }));
});

test('two devices whose serials look like addresses of one network are two', () => {
  const quota = createDeviceQuota(1, () => 0);
  for (let count = 0; count < 5; count++) quota(device('2001:db8::1'));
  expect(() => quota(device('2001:db8::1'))).toThrow(QuotaError);
  expect(() => quota(device('2001:db8::2'))).not.toThrow();
});
