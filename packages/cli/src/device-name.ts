/** How texts for people name a device: by its serial, and by who made it. */
import type { SELF_SIGNED } from '@windlass/management';

/** Written out, so that no command loads the client before it connects. */
const selfSigned: typeof SELF_SIGNED = 'self-signed';

interface NamedDevice {
  readonly serial: string;
  /** The manufacturer's name, or "self-signed". */
  readonly manufacturer: string;
}

/** `SN-1 of maker`, or `SN-1 (self-signed)`. */
export function deviceName({ serial, manufacturer }: NamedDevice): string {
  return manufacturer === selfSigned ? `${serial} (${selfSigned})` : `${serial} of ${manufacturer}`;
}

/** `made by maker`, or `self-signed`. */
export function deviceOrigin({ manufacturer }: Pick<NamedDevice, 'manufacturer'>): string {
  return manufacturer === selfSigned ? selfSigned : `made by ${manufacturer}`;
}

/** What `--manufacturer` is for. */
export const manufacturerHelp = `needed when more than one manufacturer has this serial; "${selfSigned}" for a registered device`;
