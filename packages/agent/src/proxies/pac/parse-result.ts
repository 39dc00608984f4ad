// What a PAC file says: "PROXY 10.0.0.1:3128; HTTPS proxy.example:443; DIRECT".
import type { ExplicitProxy } from '../tunnel.ts';

/** More ways than these are not looked at. */
const MAX_ENTRIES = 8;

/** Ways in the order of the text, null for straight; and the kinds that this agent does not speak. */
export interface PacRoutes {
  readonly routes: readonly (ExplicitProxy | null)[];
  readonly unknown: readonly string[];
}

/** An empty text means straight. What cannot be read is left out. */
export function parseResult(text: string): PacRoutes {
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .slice(0, MAX_ENTRIES);
  if (entries.length === 0) return { routes: [null], unknown: [] };
  const read = entries.map(parseEntry);
  return {
    routes: read.filter((each) => typeof each !== 'string'),
    unknown: [...new Set(read.filter((each) => typeof each === 'string'))],
  };
}

const UNREADABLE = 'something that cannot be read';

/** A text: a kind that is not spoken, or what cannot be read. */
function parseEntry(entry: string): ExplicitProxy | null | string {
  const [, kind = '', rest = ''] = /^([A-Za-z][A-Za-z0-9]{0,15})(?:\s+(\S+))?$/.exec(entry) ?? [];
  switch (kind.toUpperCase()) {
    case 'DIRECT':
      return rest === '' ? null : UNREADABLE;
    case 'PROXY':
    case 'HTTP':
      return parseProxy(rest, 80) ?? UNREADABLE;
    case 'HTTPS': {
      const proxy = parseProxy(rest, 443);
      return proxy ? { ...proxy, tls: true } : UNREADABLE;
    }
    default:
      return kind === '' ? UNREADABLE : kind.toUpperCase();
  }
}

function parseProxy(text: string, usual: number): ExplicitProxy | null {
  const [, six, name = six, port = `${usual}`] =
    /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([\w-]+(?:\.[\w-]+)*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (name === undefined || Number(port) < 1 || Number(port) > 65_535) return null;
  return { host: name, port: Number(port) };
}
