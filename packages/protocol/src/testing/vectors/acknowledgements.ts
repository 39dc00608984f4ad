// Vectors of what the device checks in acknowledgements.
import { createKey, type TestCertificate } from '../test-certificates.ts';
import type { CmsOptions } from '../test-cms.ts';
import { createCrl } from '../test-crl.ts';
import {
  acknowledgementOf,
  at,
  base64,
  DAY,
  deviceId,
  type Members,
  NOW,
  payloadOf,
  reportOf,
  SERVICE,
  sha256,
  type World,
} from '../world.ts';
import { responderOf } from './signers.ts';
import { bodyOf, type CaseHead, type Vector, vectorOf } from './vector.ts';

interface AcknowledgementTwist {
  readonly members?: Members;
  readonly chain?: readonly TestCertificate[];
  readonly cms?: CmsOptions;
  readonly input?: object;
}

export function acknowledgementVectors(world: World): readonly Vector[] {
  const report = payloadOf(reportOf(world));
  const make = (head: CaseHead, twist: AcknowledgementTwist = {}): Vector => {
    const members = acknowledgementOf(world, report, twist.members);
    const body = bodyOf(members, twist.chain ?? [world.responder], twist.cms);
    const anchors = { service: SERVICE, serviceAnchors: [world.serviceAnchor.pem] };
    const input = {
      ...anchors,
      device: deviceId(world),
      report: sha256(report),
      counter: 5,
      floor: at(NOW),
      clock: { state: 'untrusted', time: at(NOW) },
      revocations: [],
      ...twist.input,
      body,
    };
    const accepted = { outcome: 'acknowledged', counter: 5, time: String(members['time']) };
    return vectorOf(
      'acknowledgement',
      { shell: true, ...head },
      input,
      head.error === undefined ? accepted : { error: head.error },
    );
  };
  const device = deviceId(world) as object;
  const refused = { rule: 'S11', error: 'report-mismatch' };
  return [
    make({ name: 'acknowledged', rule: 'S11', says: 'The report was stored.' }),
    make(
      { name: 'other-device', says: "The acknowledgement of another device's report.", ...refused },
      { members: { device: { ...device, serial: 'SN-0002' } } },
    ),
    make(
      { name: 'other-report', says: 'The acknowledgement of an older report with this counter.', ...refused },
      { members: { report: sha256('another report') } },
    ),
    make(
      { name: 'other-counter', says: 'The acknowledgement has another counter.', ...refused },
      { members: { counter: 4 } },
    ),
    make(
      {
        name: 'before-floor',
        rule: 'T2',
        says: 'The acknowledgement is older than the last signed time.',
        error: 'time-before-floor',
      },
      { members: { time: at(NOW - 1) } },
    ),
    make(
      {
        name: 'far-from-trusted-clock',
        rule: 'T3',
        says: 'The acknowledgement is 24 hours and a second ahead of a trusted clock.',
        error: 'clock-mismatch',
      },
      { members: { time: at(NOW + DAY + 1) }, input: { clock: { state: 'trusted', time: at(NOW) } } },
    ),
    make(
      { name: 'other-type', rule: 'F5', says: 'Another type, right otherwise.', error: 'type' },
      { members: { type: 'decision' } },
    ),
    make(
      { name: 'other-service', rule: 'F5', says: 'Another service.', error: 'service' },
      { members: { service: 'other.windlass.example' } },
    ),
    make(
      {
        name: 'signed-by-claim-authority',
        rule: 'K3',
        says: 'The claim authority signed it.',
        error: 'signer-purpose',
      },
      { chain: [world.claimAuthority] },
    ),
    make(
      { name: 'signed-by-stranger', rule: 'K1', says: 'A stranger signed it.', error: 'signer-untrusted' },
      { chain: [world.device] },
    ),
    make(
      { name: 'responder-expired', rule: 'K2', says: 'The responder expired before it.', error: 'signer-expired' },
      { chain: [responderOf(world, { until: NOW + 19 })] },
    ),
    make(
      {
        name: 'responder-revoked',
        rule: 'K8',
        says: 'The responder is on a held list.',
        error: 'signer-revoked',
        shell: false, // X1: a client may leave revocation out
      },
      { input: { revocations: [base64(createCrl(world.serviceAnchor, { revoked: [world.responder] }))] } },
    ),
    make(
      {
        name: 'signature-of-other-key',
        rule: 'E7',
        says: "Another key signed in the responder's name.",
        error: 'signature',
      },
      { cms: { signWith: createKey() } },
    ),
  ];
}
