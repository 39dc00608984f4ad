import { expect, test } from 'vitest';
import { listenForBrowser } from './loopback.ts';

const CODE = 'c'.repeat(43);
const get = async (port: number, path: string, init: RequestInit = {}) =>
  (await fetch(`http://127.0.0.1:${port}${path}`, init)).status;

test('the first request with a code is the one; nothing else is answered', async () => {
  const browser = await listenForBrowser(60);
  try {
    expect(await get(browser.port, '/favicon.ico')).toBe(404);
    expect(await get(browser.port, '/?code=short')).toBe(404);
    expect(await get(browser.port, `/?code=${CODE}`, { method: 'POST' })).toBe(404);
    expect(await get(browser.port, `/?code=${CODE}`)).toBe(200);
    expect(await get(browser.port, `/?code=${'d'.repeat(43)}`)).toBe(200);
    expect(await browser.code()).toBe(CODE);
  } finally {
    browser.close();
  }
});

test('nobody who waits in vain waits for ever', async () => {
  const browser = await listenForBrowser(0.01);
  await expect(browser.code()).rejects.toThrow(/^Nobody logged in within/);
  browser.close();
});
