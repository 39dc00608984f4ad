// Does a portal stand in the way: told by what a plain GET to the service brings, which portals live from answering themselves.
import { broken, type Finding, fine, notTried, type Step, suspect } from '../finding.ts';
import { titleOf } from '../page-text.ts';
import type { PageSeen, PathBroken } from '../ports.ts';
import { productHint } from '../product-hint.ts';
import { withoutWay } from './prevented.ts';

export const portal: Step = {
  name: 'portal',
  prevented: withoutWay,
  async look(ports, { connections }) {
    const plain = connections.filter(({ port }) => port === ports.device.ports.http);
    if (plain.length > 0 && plain.every(({ state }) => state !== 'open'))
      return { findings: [notTried('portal', 'port 80 is not open')] };
    const [page, told] = await Promise.all([ports.page(), ports.portal?.() ?? null]);
    const isPage = page.kind === 'page';
    const url = told?.isCaptive ? told.url : isPage ? page.redirect : null;
    const finding = told?.isCaptive
      ? broken('portal', 'captive', `this network says that somebody must log in${at(url)}`)
      : pageFinding(page);
    return { findings: [finding], seen: { page: isPage && page.cause ? page : null, portal: url } };
  },
};

function pageFinding(page: PageSeen | PathBroken): Finding {
  if (page.kind === 'broken')
    return notTried('portal', `port 80 brings nothing that could be one: ${page.cause} at ${page.stage}`);
  const { status, cause, redirect } = page;
  const hint = productHint([page.text, ...Object.values(page.headers)]);
  const looks = hint ? `, looks like ${hint}` : '';
  if (cause === 'captive') return broken('portal', 'captive', `HTTP ${status}${at(redirect)}${titleOf(page)}${looks}`);
  if (cause === 'blocked')
    return suspect('portal', 'blocked', `port 80 brings somebody else's page: HTTP ${status}${titleOf(page)}${looks}`);
  return fine('portal', 'none');
}

function at(url: string | null): string {
  return url ? ` at ${url}` : '';
}
