// Whether the service can do its work, and what will soon stop it.
import type { Health } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import type { Management } from './management.ts';
import type { SignerPurpose, SignerState } from './signer/ports.ts';

/** The version of the service, as `/healthz` tells it. */
export const SERVICE_VERSION = '0.1.0';

/** How long before its end a signer is warned about, in seconds. */
const WARN_SECONDS: Readonly<Record<SignerPurpose, number>> = {
  responder: 10 * 86_400,
  'claim-authority': 60 * 86_400,
};

/** The state of the service's own signers, by the ends of their last certificates in store. */
export async function healthOf(management: Management): Promise<Health> {
  const now = management.now();
  const responder = signerHealth('responder', await management.keys.state('responder', now), now);
  const authority = signerHealth('claim-authority', await management.keys.state('claim-authority', now), now);
  const claimAuthority = { ...authority, warnings: [...authority.warnings, ...renewalWarnings(management)] };
  const endings = [...management.jobs.endings];
  const warned = responder.warnings.length + claimAuthority.warnings.length + endings.length > 0;
  return {
    status: warned ? 'warning' : 'ok',
    version: SERVICE_VERSION,
    service: management.service,
    responder,
    claimAuthority,
    endings,
  };
}

function renewalWarnings({ renewal }: Management): readonly string[] {
  if (renewal.left === 0) return [];
  const remedy =
    'they are signed anew as soon as another one is installed, and until then devices do not get that list';
  return [`${renewal.left} claim(s) are signed by a revoked claim authority: ${remedy}.`];
}

function signerHealth(role: SignerPurpose, state: SignerState, now: UnixSeconds): Health['responder'] {
  const { expires, warnings } = endHealth(role, state.lastEnd, now);
  // What cannot be read may well be there.
  const blind = state.lastEnd === null && state.warnings.length > 0;
  return { expires, warnings: blind ? [...state.warnings] : [...state.warnings, ...warnings] };
}

function endHealth(role: SignerPurpose, end: UnixSeconds | null, now: UnixSeconds): Health['responder'] {
  const remedy = `make more with "windlass signer issue --role ${role}" and "windlass signer install"`;
  if (end === null) return { expires: null, warnings: [`There is no ${role} certificate: ${remedy}.`] };
  const expires = formatTime(end);
  if (end <= now) return { expires, warnings: [`The last ${role} certificate ended ${expires}: ${remedy}.`] };
  if (end - now > WARN_SECONDS[role]) return { expires, warnings: [] };
  return { expires, warnings: [`The last ${role} certificate ends ${expires}: ${remedy}.`] };
}
