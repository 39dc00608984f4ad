// What must hold of a device whatever happens, told from what was published, what it accepted and what is on its disk; by no code that
// decides on the device what is trusted.
import { type AcceptedProfile, keyOf, parseServiceName } from '@windlass/protocol';
import type { AgentEvent } from '../../agent.ts';
import type { TrustedInspectionCa } from '../../ports.ts';
import type { Result } from '../../result.ts';
import { type AgentState, decodeState } from '../../state/agent-state.ts';
import type { FailingDisk } from '../failing-disk.ts';
import { SERVICE } from '../fake-service.ts';

interface Known {
  readonly network: string;
  /** Compared as text: epoch and sequence, each of the same length. */
  readonly version: string;
  readonly epoch: number;
  readonly expires: number;
  readonly cas: readonly { readonly key: string; readonly from: number; readonly until: number }[];
  readonly retire: readonly string[];
}

/** Thrown where something does not hold. */
export class Broken extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

export interface Oracle {
  /** Told of everything that the agent tells. */
  tell(event: AgentEvent): void;
  /** These are trusted at `time` of the device: all of one profile. */
  trusts(inspectionCas: readonly TrustedInspectionCa[], time: number): void;
  /** A connection is judged by these: it may be by those of several profiles, to choose one. */
  judges(inspectionCas: readonly TrustedInspectionCa[], time: number): void;
  /** These are trusted where `signer` signs what is seen, or a root: null; no answer was accepted there. @see spec C7 */
  stands(keys: readonly string[], signer: string | null, time: number): void;
  /** The service does not let in what these signed. @see spec C7 */
  keptOut(signers: readonly string[]): void;
  /** The disk as it is when nothing is under way, or after power was lost. */
  disk(disk: FailingDisk): void;
  reset(): void;
}

export function createOracle(): Oracle {
  let accepted: Known[] = [];
  let [latest, epoch] = [null as Known | null, 0];
  const confirmed = new Map<string, string>();
  /** Networks whose profile was reverted, or whose box was kept out, since it was confirmed: it is not chosen without an answer. */
  const reverted = new Set<string>();
  let [numbers, networks] = [[] as readonly number[], new Map<string, string>()];
  const forget = (): void => {
    accepted = [];
    confirmed.clear();
  };
  return {
    tell(event) {
      if (event.kind === 'accepted') {
        const profile = 'profile' in event.accepted ? event.accepted.profile : undefined;
        latest = profile ? knownOf(profile) : null;
        if ('claim' in event.accepted) epoch = event.accepted.claim.claim.epoch;
        if (!latest) return;
        const { network, version } = latest;
        must(version >= (networks.get(network) ?? ''), 'no older profile is accepted');
        accepted = [...accepted.filter((other) => other.network !== network || other.version !== version), latest];
      }
      if (event.kind === 'ended') ended(event.result);
    },
    trusts(inspectionCas, time) {
      const keys = inspectionCas.map(({ certificate }) => keyOf(certificate) as string);
      must(
        keys.length === 0 || accepted.some((known) => allows(known, keys, time)),
        'what is trusted is in an accepted profile that is in force',
      );
    },
    judges(inspectionCas, time) {
      const keys = inspectionCas.map(({ certificate }) => keyOf(certificate) as string);
      must(
        keys.every((key) => accepted.some((known) => allows(known, [key], time))),
        'a connection is judged by what is in accepted profiles that are in force',
      );
    },
    stands(keys, signer, time) {
      const isKnown = signer === null || accepted.some((known) => isConfirmed(known) && allows(known, [signer], time));
      const isRight = signer === null ? keys.length === 0 : keys.includes(signer);
      must(!isKnown || isRight, 'of what was confirmed counts what signs here');
    },
    keptOut(signers) {
      for (const { network, cas } of accepted) if (cas.some(({ key }) => signers.includes(key))) reverted.add(network);
    },
    disk(disk) {
      latest = null;
      const state = stateOn(disk);
      if (!state) return must(numbers.length === 0, 'what was remembered is not gone');
      const { generation, ownership, time } = state.floors;
      const found = [generation, ownership, time, state.counter];
      must(
        numbers.every((number, i) => number <= (found[i] ?? 0)),
        'no floor goes back',
      );
      numbers = found;
      const versions = new Map(
        Object.entries(state.floors.networks).map(([network, { epoch, sequence }]) => [
          network.split('/').at(-1) ?? '',
          versionOf(epoch, sequence),
        ]),
      );
      for (const [network, version] of networks) must(version <= (versions.get(network) ?? ''), 'no profile goes back');
      networks = versions;
    },
    reset: forget,
  };

  function allows({ network, version, expires, cas }: Known, keys: readonly string[], time: number): boolean {
    const later = accepted.filter((other) => other.network === network && other.version > version && isDurable(other));
    const retired = later.flatMap(({ retire }) => retire);
    const inForce = cas.filter(({ key, from, until }) => from <= time && time <= until && !retired.includes(key));
    return (
      version >= (confirmed.get(network) ?? '') &&
      time <= expires &&
      keys.every((key) => inForce.some((ca) => ca.key === key))
    );
  }

  function isConfirmed({ network, version, epoch: own }: Known): boolean {
    if (reverted.has(network)) return false;
    return own === epoch && version === confirmed.get(network) && version === networks.get(network);
  }

  function isDurable({ network, version }: Known): boolean {
    return version <= (networks.get(network) ?? '');
  }

  function ended(result: Result): void {
    const { outcome, organization, unsent } = result;
    if (latest) networks.set(latest.network, latest.version);
    if (outcome === 'unclaimed' && organization === null) forget();
    if (outcome === 'reverted' && latest) reverted.add(latest.network);
    if (outcome === 'active' && unsent === null && latest) {
      confirmed.set(latest.network, latest.version);
      reverted.delete(latest.network);
    }
    if (outcome === 'awaiting-approval' || outcome === 'not-inspected')
      must(result.inspectionCas.length === 0, 'nothing is trusted where nothing signs');
    latest = null;
  }
}

/** The state that the next start finds, read by its digest alone. */
export function stateOn(disk: FailingDisk): AgentState | null {
  for (const name of ['state.json', 'floors.json']) {
    try {
      const bytes = disk.read(`/device/${name}`);
      if (bytes) return decodeState(bytes, parseServiceName(SERVICE));
    } catch {}
  }
  return null;
}

function knownOf({ profile, inspectionCas }: AcceptedProfile): Known {
  const { network, epoch, sequence, expires, retire } = profile;
  const cas = inspectionCas.map(({ certificate, from, until }) => ({ key: keyOf(certificate), from, until }));
  return { network, epoch, version: versionOf(epoch, sequence), expires, cas, retire };
}

function versionOf(epoch: number, sequence: number): string {
  return `${epoch}`.padStart(6, '0') + `${sequence}`.padStart(12, '0');
}
