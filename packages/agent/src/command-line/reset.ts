// `windlass-agent reset`: everything of ours goes, and what each store has afterwards is shown.
import type { Agent } from '../agent.ts';
import type { AgentConfig } from '../open-agent.ts';
import { resetAgent } from '../reset.ts';
import { type Absence, heldAnchors, isProved, proveAbsence } from './absence.ts';
import { describeStore, EXIT } from './described.ts';
import { formerPaths, purgeFormer } from './former-bundles.ts';
import { droppedText } from './story.ts';
import type { Terminal } from './terminal.ts';

/** 0: nothing of ours is trusted any more, and each store shows it; else it was said which does not. */
export async function resetCommand(
  agent: Agent,
  config: Pick<AgentConfig, 'trustStores' | 'systemRoots'>,
  { out, err }: Terminal,
  json: boolean,
): Promise<number> {
  const former = formerPaths(agent.state, config.trustStores);
  const anchors = heldAnchors(agent);
  const { organization, removed, ...reset } = resetAgent(agent);
  const unwritten = [...reset.unwritten, ...purgeFormer(former)].map((store) => describeStore(store));
  const stores = [...config.trustStores, ...former.map((path) => ({ name: path, path }))];
  const proof = await proveAbsence(agent, { stores, anchors, systemRoots: config.systemRoots });
  if (json) out(JSON.stringify({ outcome: 'reset', organization, removed, unwritten, proof }));
  else for (const line of [...removed.map(droppedText), ...proof.map(absenceText)]) out(line);
  for (const store of unwritten) err(`trust store ${store.name} ${store.detail}.`);
  const failed = proof.filter((each) => !isProved(each));
  for (const each of failed) err(`${absenceText(each)}.`);
  if (unwritten.length + failed.length > 0) return EXIT.configuration;
  const forgotten = organization ? `claim and profiles of ${organization} are forgotten` : 'nothing was held';
  if (!json) out(`reset: ${forgotten}, no anchor of ours is left`);
  return 0;
}

const CONTENT: Readonly<Record<Absence['content'], string>> = {
  'no-anchor': 'read back, no anchor of ours is in it',
  'no-file': 'there is no such file',
  anchors: 'read back, it STILL HAS anchors of ours: something else writes it, stop that and run reset again',
  unreadable: 'cannot be read, what it has of ours is not known',
};

function absenceText({ name, content, systemRoots, handshake }: Absence): string {
  const trusted = handshake === 'trusted' ? '; it STILL TRUSTS who signs TLS to the service here' : '';
  const tried = /^(refused|by-root)/.test(handshake) ? `; TLS to the service with it alone: ${handshake}` : trusted;
  const roots = systemRoots.length > 0 ? `; the system's roots themselves have ${systemRoots.join(', ')}` : '';
  return `trust store ${name}: ${CONTENT[content]}${tried}${roots}`;
}
