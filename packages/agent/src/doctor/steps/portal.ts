// Does a portal stand in the way: told by what a plain GET to the service brings, which portals live from answering themselves.
import { broken, type Finding, fine, notTried, type Step, suspect } from '../finding.ts';
import { pageText } from '../page-text.ts';
import type { PageSeen, PathBroken } from '../ports.ts';
import { withoutWay } from './prevented.ts';

export const portal: Step = {
  name: 'portal',
  prevented: withoutWay,
  async look(ports, { connections }) {
    const plain = connections.filter(({ port }) => port === ports.device.ports.http);
    const isClosed = plain.length > 0 && plain.every(({ state }) => state !== 'open');
    const [page, told] = await Promise.all([isClosed ? null : ports.page('http'), ports.portal?.() ?? null]);
    const url = told?.isCaptive ? told.url : page?.kind === 'page' ? page.redirect : null;
    const finding = told?.isCaptive
      ? broken('portal', 'captive', `this network says that somebody must log in${url ? ` at ${url}` : ''}`)
      : pageFinding(page);
    return { findings: [finding], seen: { portal: url } };
  },
};

function pageFinding(page: PageSeen | PathBroken | null): Finding {
  if (!page) return notTried('portal', 'port 80 is not open');
  if (page.kind === 'broken')
    return notTried('portal', `port 80 brings nothing that could be one: ${page.cause} at ${page.stage}`);
  if (page.cause === 'captive') return broken('portal', 'captive', pageText(page));
  if (page.cause === 'blocked')
    return suspect('portal', 'blocked', `port 80 brings somebody else's page: ${pageText(page)}`);
  return fine('portal', 'none');
}
