// The thread in which pkijs is asked, so that it can be stopped: two intermediates that sign each other keep it busy for ever.

import { parentPort } from 'node:worker_threads';
import { Certificate, CertificateChainValidationEngine, CertificateRevocationList } from 'pkijs';

/** A chain, all DER; the leaf is the last of the certificates. */
export interface Question {
  readonly roots: readonly Uint8Array[];
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await isBelieved(question)));
parentPort?.postMessage('ready');

/** What does not parse is refused. */
async function isBelieved({ roots, certificates, crls, time }: Question): Promise<boolean> {
  try {
    const engine = new CertificateChainValidationEngine({
      trustedCerts: roots.map((der) => Certificate.fromBER(copy(der))),
      certs: certificates.map((der) => Certificate.fromBER(copy(der))),
      crls: crls.map((der) => CertificateRevocationList.fromBER(copy(der))),
      checkDate: new Date(time),
    });
    return (await engine.verify()).result;
  } catch {
    return false;
  }
}

function copy(der: Uint8Array): ArrayBuffer {
  return new Uint8Array(der).buffer;
}
