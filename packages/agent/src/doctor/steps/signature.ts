// The proof: one signed request, and an answer that holds by all rules, whatever TLS says. It has no effect on the device.
import { broken, type Finding, fine, type Looked, notTried, type Step } from '../finding.ts';
import { pageText } from '../page-text.ts';
import type { Answered, Asked, DoctorPorts } from '../ports.ts';
import { troubleOf } from '../trouble.ts';
import { withoutWay } from './prevented.ts';
import { signedTime } from './time.ts';

export const signature: Step = {
  name: 'signature',
  prevented: (findings, { ask }) => (ask ? withoutWay(findings) : 'left out as asked for (--offline)'),
  async look(ports, { connections }) {
    const { ask, device } = ports;
    if (!ask) return { findings: [] };
    const noneOpen = connections.length > 0 && connections.every(({ state }) => state !== 'open');
    if (noneOpen) return { findings: [notTried('signature', 'neither 443 nor 80 is open')] };
    const asked = await ask();
    if (asked.kind === 'no-answer') return { findings: [await silent(asked, ports)] };
    if (asked.kind === 'not-valid')
      return { findings: [broken('signature', 'answer-not-valid', `${asked.code}: ${asked.says.replace(/\.$/, '')}`)] };
    return answered(asked, device.service);
  },
};

async function silent(asked: Extract<Asked, { kind: 'no-answer' }>, { device, page }: DoctorPorts): Promise<Finding> {
  const { stage, cause, says } = asked;
  const trouble = troubleOf({ ...asked, viaProxy: device.proxy !== null });
  const shown = trouble === 'blocked' || trouble === 'captive' ? await page('https') : null;
  const seen = shown?.kind === 'page' ? ` (in TLS: ${pageText(shown)})` : '';
  return broken('signature', trouble, `no answer of the service: ${cause} at ${stage}: ${says}${seen}`);
}

function answered(answer: Answered, service: string): Looked {
  const path = ['', 'TLS validated', 'TLS not validated', 'plain HTTP'][answer.rung];
  const saw = `${service} answers with its signature (${path}): ${answer.outcome}${answer.code ? `, ${answer.code}` : ''}`;
  return { findings: [outcomeFinding(answer, saw), signedTime(answer)], seen: { answer } };
}

function outcomeFinding({ outcome, organization, rung }: Answered, saw: string): Finding {
  switch (outcome) {
    case 'granted':
      // On rung 1 the device is online with what it has, and takes what is newer by itself.
      return rung === 1 ? fine('signature', saw) : broken('signature', 'profile-not-installed', saw);
    case 'not-inspected':
      return fine('signature', `${saw}: what TLS shows is the service's own key`, ['unknown-inspection-ca']);
    case 'awaiting-approval':
      return broken('signature', 'unknown-inspection-ca', `${saw} by ${organization}`);
    case 'unclaimed':
    case 'refused':
      return broken('signature', outcome, saw);
  }
}
