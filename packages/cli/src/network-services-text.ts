/** What a network offers devices beside its way out, as people give it and read it. */
import type { NetworkServices } from '@windlass/management';
import { InvalidArgumentError } from 'commander';

/** A line for each that is set; none where nothing is. */
export function serviceFacts({
  explicitProxy,
  noProxy,
  timeServers,
  dns,
}: NetworkServices): readonly (readonly [string, string | null])[] {
  return [
    ['proxy', explicitProxy === undefined ? null : proxyText(explicitProxy)],
    ['no proxy for', noProxy?.join(', ') ?? null],
    ['time servers', timeServers?.join(', ') ?? null],
    ['DNS servers', dns?.join(', ') ?? null],
  ];
}

function proxyText({ host, port, tls }: NonNullable<NetworkServices['explicitProxy']>): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `${tls === true ? 'https' : 'http'}://${authority}:${port}`;
}

/** `http://HOST:PORT`, or `https://` for a proxy that is spoken to over TLS. @throws InvalidArgumentError */
export function parseProxy(text: string): NonNullable<NetworkServices['explicitProxy']> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const tls = url?.protocol === 'https:';
  if (
    url === null ||
    !(tls || url.protocol === 'http:') ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new InvalidArgumentError('It must be like http://proxy.example:3128, or https:// for TLS to the proxy.');
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError(
      'Credentials never go with a profile: devices that need them have them in their own configuration.',
    );
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, ...(tls && { tls }) };
}
