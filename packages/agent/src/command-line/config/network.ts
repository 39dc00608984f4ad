// Whom TLS is validated by, and where peers are reached.
import { rootCertificates } from 'node:tls';
import type { JsonValue } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import { derOf, readCertificates, readDer } from './files.ts';
import { type Members, matched } from './members.ts';

const MAX_PORT = 65_535;

/** @throws ConfigError */
export function readNetwork(members: Members): Pick<AgentConfig, 'systemRoots' | 'tlsAnchors' | 'ports' | 'connectTo'> {
  const isOfNode = members.text('systemRoots', 'node') === 'node';
  const ports = members.object('ports');
  return {
    systemRoots: isOfNode ? derOf(rootCertificates.join('\n')) : readDer(members, 'systemRoots'),
    tlsAnchors: members.has('tlsAnchor') ? readCertificates(members, 'tlsAnchor') : [],
    ports: { http: ports.port('http', 80), https: ports.port('https', 443) },
    connectTo: parseConnectTo(members.object('connectTo')),
  };
}

function parseConnectTo(overrides: Members): Readonly<Record<string, string>> {
  const override = (name: string) => (target: JsonValue) =>
    [name, target].map((each) => {
      const text = matched(each, /^.+:\d{1,5}$/);
      if (Number(text.replace(/.*:/, '')) > MAX_PORT) throw new Error();
      return text;
    });
  return Object.fromEntries(
    overrides.names().map((name) => overrides.parsed(name, override(name), 'host:port on both sides')),
  );
}
