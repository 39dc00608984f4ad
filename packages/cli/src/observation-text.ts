/** How an observation is shown to people: what was met, where, and what was said of it. */
import type { Observation } from '@windlass/management';
import { facts } from './output.ts';
import type { Paint } from './terminal.ts';

const states: Readonly<Record<Observation['state'], string>> = {
  new: 'not approved',
  linked: 'not approved, linked',
  asked: 'not approved, asked about',
  ignored: 'ignored',
  hostile: 'HOSTILE',
};

export function observationText(observation: Observation, paint: Paint): string {
  const { state, link, note, devices, serials, networks } = observation;
  const more = devices > serials.length ? ', ...' : '';
  const colour = state === 'hostile' ? paint.red : paint.yellow;
  return [
    `${colour(states[state])}  ${paint.bold(observation.issuer)}`,
    facts(paint, [
      ['observation', observation.id],
      ['organization', observation.organization],
      [
        'fingerprint',
        `${observation.fingerprint}${observation.topIsCa ? ' (a CA)' : ' (of the certificate it signed; the CA itself was not sent)'}`,
      ],
      ["issuer's key id", observation.issuerKeyId],
      ['devices', devices === 0 ? 'none has it any more' : `${devices}: ${serials.join(', ')}${more}`],
      ['on', networks.length === 0 ? null : networks.join(', ')],
      ['since', `${observation.firstSeen}, last ${observation.lastSeen}`],
      ['linked to', link === null ? null : linkText(link)],
      ['asked', note],
      ['ignored until', observation.ignoredUntil],
    ]),
  ].join('\n');
}

function linkText({ network, fingerprint, subject, state, whole }: NonNullable<Observation['link']>): string {
  const partly = whole ? '' : '; NOT everything that was presented since is by this CA';
  return `${subject} on ${network}, ${state}, ${fingerprint}${partly}`;
}
