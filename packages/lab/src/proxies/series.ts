/** Two boxes in series: the device meets the first, which goes out by the second, a squid that inspects with a CA of its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from '../test-pki.ts';
import { type BoxOptions, boxPorts, type InspectingBox } from './box.ts';
import { startMitmproxy } from './mitmproxy.ts';
import { startSquid } from './squid.ts';
import { startTinyproxy } from './tinyproxy.ts';

type SeriesOptions = Omit<BoxOptions, 'mode'>;

/** A mitmproxy that inspects what squid then inspects again: the device sees the CA of the first, the first that of the second. */
export async function startTwoInspecting(options: SeriesOptions): Promise<InspectingBox> {
  const outer = await createAuthority({ subject: 'CN=Provider TLS Inspection CA,O=Provider' });
  const squid = await startSquid({ ...(await inFolder(options, outer)), mode: 'explicit' });
  const first = await startMitmproxy({
    ...options,
    pki: { inspectionCa: options.pki.inspectionCa, upstreamRoots: [outer.certificatePem] },
    mode: 'explicit',
    port: firstPort,
    upstream: addressOf(options),
  });
  return inFront(first, squid);
}

/** A tinyproxy that wants a password and inspects nothing, before the squid that does. */
export async function startPasswordThenInspecting(
  options: SeriesOptions & { readonly credentials: string },
): Promise<InspectingBox> {
  const squid = await startSquid({ ...options, mode: 'explicit' });
  const first = await startTinyproxy({ ...options, port: firstPort, upstream: addressOf(options) });
  return inFront({ ...first, inspectionCa: squid.inspectionCa }, squid);
}

/** Beside those of one box. */
const firstPort = boxPorts.explicit + 10;

function addressOf({ network }: SeriesOptions): NonNullable<InspectingBox['explicitProxy']> {
  return { host: network.addresses.middleboxLan, port: boxPorts.explicit };
}

async function inFolder(
  options: SeriesOptions,
  inspectionCa: BoxOptions['pki']['inspectionCa'],
): Promise<SeriesOptions> {
  const directory = join(options.directory, 'second');
  await mkdir(directory, { mode: 0o700 });
  return { ...options, directory, pki: { ...options.pki, inspectionCa } };
}

function inFront(first: InspectingBox, second: InspectingBox): InspectingBox {
  return {
    ...first,
    log: async () => `${await first.log()}\n${await second.log()}`,
    close: async () => {
      await first.close();
      await second.close();
    },
  };
}
