// As much of a browser as a login needs.

/** Cookies by origin, redirects followed one by one; what goes to `origin` is sent to the listener behind it. */
export function openBrowser(origin: string, listenerUrl: string) {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { origin: site } = new URL(url);
    const jar = jars.get(site) ?? new Map<string, string>();
    jars.set(site, jar);
    return jar;
  };
  async function go(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...Object.fromEntries(new Headers(init.headers)), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url.replace(origin, listenerUrl), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
  /** Until the provider sends the browser back to us: that URL. */
  async function toCallback(start = '/login'): Promise<string> {
    let url = new URL(start, origin).href;
    for (let step = 0; step < 10; step++) {
      const response = await go(url);
      const location = response.headers.get('location');
      if (location === null) throw new Error(`no redirect from ${url}: ${response.status} ${await response.text()}`);
      url = new URL(location, url).href;
      if (url.startsWith(`${origin}/login/callback`)) return url;
    }
    throw new Error('the login goes in circles');
  }
  return {
    go,
    toCallback,
    logIn: async (start?: string) => go(await toCallback(start)),
    jar: () => jarOf(origin),
  };
}
