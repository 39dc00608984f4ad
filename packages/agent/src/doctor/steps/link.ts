// Is there a link: a cable with something behind it, a joined Wi-Fi, a modem.
import { broken, fine, notTried, type Step } from '../finding.ts';

export const link: Step = {
  name: 'link',
  prevented: () => null,
  look({ machine }) {
    const links = machine.links();
    if (!links) return { findings: [notTried('link', 'this system does not show its links')] };
    const up = links.filter(({ isUp }) => isUp);
    const down = links.filter(({ isUp }) => !isUp).map(({ name }) => name);
    const saw = up.map(({ name, kind }) => `${name} is up (${kind})`).join(', ');
    const without = down.length > 0 ? `without link: ${down.join(', ')}` : 'there is no network interface';
    return {
      findings: [up.length > 0 ? fine('link', saw) : broken('link', 'no-link', without)],
      seen: { links },
    };
  },
};
