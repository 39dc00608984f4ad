// The keys of the service in a directory (spec section 1; 0600 in 0700): responders/ for the device side; responders-later/,
// claim-authority/ for the management side. publishers/ is in publisher-keys.ts.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { timeOf } from '../certificates.ts';
import { loadFileSigner, readCertificateFile } from './file.ts';
import { type ManagementKeys, type Signer, SignerError, type SignerPurpose, type SignerState } from './ports.ts';
import { openPublishers } from './publisher-keys.ts';
import type { Revocations } from './revocations.ts';

/** Where the device side finds its responders, below the directory of keys. */
export const RESPONDERS = 'responders';
/** Where responders wait until they are due. */
export const RESPONDERS_LATER = 'responders-later';
const DIRECTORIES_OF: Readonly<Record<SignerPurpose, readonly string[]>> = {
  responder: [RESPONDERS_LATER, RESPONDERS],
  'claim-authority': ['claim-authority'],
};

/** One certificate file of a role, with where its key is; the key has not been read. */
export interface SignerFile {
  readonly certificate: Certificate;
  readonly files: { readonly certificate: string; readonly key: string };
}

/** Every certificate of a role under the directory of keys, in no order. @throws SignerError `signer-unreadable` */
export function listSigners(keys: string, role: SignerPurpose): readonly SignerFile[] {
  return signerDirectories(keys, role).flatMap(listSignerDirectory);
}

/** Every certificate in one directory of signers; none when it does not exist. @throws SignerError `signer-unreadable` */
export function listSignerDirectory(directory: string): readonly SignerFile[] {
  if (!existsSync(directory)) return [];
  return certificatesAmong(readdirSync(directory)).flatMap((name) => signersIn(join(directory, name)));
}

/** Names of files with certificates, without those that are being written. */
function certificatesAmong(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^[^.].*\.pem$/.test(name));
}

/** The signer of a certificate file: its leaf. */
function signersIn(file: string): readonly SignerFile[] {
  const [leaf] = readCertificateFile(file);
  return leaf === undefined ? [] : [signerFile(leaf, file)];
}

/** A certificate that is in a file; its key is in the one beside it. */
export function signerFile(certificate: Certificate, file: string): SignerFile {
  return { certificate, files: { certificate: file, key: file.replace(/pem$/, 'key') } };
}

/** What a directory of signers has, as far as it can be read. */
export interface SignerSurvey {
  readonly signers: readonly SignerFile[];
  /** A sentence for each thing that cannot be read; names of files only, not where they are. */
  readonly problems: readonly string[];
}

/** Every certificate in one directory of signers that can be read; one that does not exist is empty. */
export function surveySigners(directory: string): SignerSurvey {
  const place = `keys/${basename(directory)}`;
  const problem = (what: string) => `${what} cannot be read: check its owner, permissions and content.`;
  const names = namesIn(directory);
  if (names === null) return { signers: [], problems: [problem(place)] };
  const signers: SignerFile[] = [];
  const problems: string[] = [];
  for (const name of certificatesAmong(names)) {
    try {
      signers.push(...signersIn(join(directory, name)));
    } catch (cause) {
      if (!(cause instanceof SignerError)) throw cause;
      problems.push(problem(`${place}/${name}`));
    }
  }
  return { signers, problems };
}

/** Every certificate of a role that can be read: the device side may be another user's. */
export function readableSigners(keys: string, role: SignerPurpose): readonly SignerFile[] {
  return signerDirectories(keys, role).flatMap((directory) => surveySigners(directory).signers);
}

/** null when this user may not look into it, or it is none. */
function namesIn(directory: string): readonly string[] | null {
  if (!existsSync(directory)) return [];
  try {
    return readdirSync(directory);
  } catch {
    return null;
  }
}

/** Where new signers of a role are put; responders wait there until they are due. */
export function signerDirectory(keys: string, role: SignerPurpose): string {
  return join(keys, role === 'responder' ? RESPONDERS_LATER : role);
}

/** The directories that have signers of a role. */
export function signerDirectories(keys: string, role: SignerPurpose): readonly string[] {
  return DIRECTORIES_OF[role].map((directory) => join(keys, directory));
}

/** The next three-digit number that no file has in those of the directories that can be read. */
export function freeName(directories: readonly string[]): string {
  const names = directories.flatMap((directory) => namesIn(directory) ?? []);
  const numbers = names.map((name) => Number(/^(\d+)\.(pem|key)$/.exec(name)?.[1] ?? 0));
  return String(Math.max(0, ...numbers) + 1).padStart(3, '0');
}

/** Where the management side's keys are, for whom, and who of them is revoked. */
export interface ManagementKeysOptions {
  /** D/keys. */
  readonly directory: string;
  readonly service: string;
  readonly revocations: Revocations;
}

/** The management side's keys. */
export function openManagementKeys({ directory, service, revocations }: ManagementKeysOptions): ManagementKeys {
  return {
    claimAuthority: async (now) => newestValid({ keys: directory, role: 'claim-authority', revocations, now }),
    ...openPublishers(directory, service),
    state: async (role, now) => stateOf({ keys: directory, role, revocations, now }),
  };
}

/** Which signers are asked about, and when. */
interface RoleAt {
  readonly keys: string;
  readonly role: SignerPurpose;
  readonly revocations: Revocations;
  readonly now: UnixSeconds;
}

/** A responder that starts within this time should have been handed over long ago. */
const LATE_SECONDS = 10 * 86_400;

function stateOf({ keys, role, revocations, now }: RoleAt): SignerState {
  const problems = revocations.problems();
  if (problems.length > 0) return { lastEnd: null, warnings: problems };
  const surveys = signerDirectories(keys, role).map(surveySigners);
  const signers = surveys.flatMap((survey) => survey.signers);
  const usable = signers.filter(({ certificate }) => !revocations.names([certificate]));
  const ends = usable.map(({ certificate }) => timeOf(certificate.notAfter));
  const waiting = signers.filter(({ files }) => dirname(files.certificate) === join(keys, RESPONDERS_LATER));
  const late = waiting.some(
    ({ certificate }) => timeOf(certificate.notBefore) <= now + LATE_SECONDS && now <= timeOf(certificate.notAfter),
  );
  return {
    lastEnd: ends.length === 0 ? null : timeOf(Math.max(...ends)),
    warnings: [
      ...surveys.flatMap(({ problems: unread }) => unread),
      ...revokedWarnings(signers, { role, revocations, now }),
      ...(late
        ? [
            'A responder that is due is not with the device side: run "windlass signer install --dir DIRECTORY" as root.',
          ]
        : []),
    ],
  };
}

/** A sentence when every one of the role's signers that is valid now is revoked. @throws SignerError of the lists */
export function revokedWarnings(
  signers: readonly SignerFile[],
  { role, revocations, now }: Omit<RoleAt, 'keys'>,
): readonly string[] {
  const valid = signers.filter((file) => isValidAt(file, now));
  if (valid.length === 0 || valid.some(({ certificate }) => !revocations.names([certificate]))) return [];
  return [`Every ${role} that is valid now is revoked, and nothing is signed: ${remedyOf(role)}.`];
}

function newestValid({ keys, role, revocations, now }: RoleAt): Signer {
  const all = listSigners(keys, role);
  const valid = all.filter((file) => isValidAt(file, now));
  for (const { files } of valid.sort((a, b) => timeOf(b.certificate.notAfter) - timeOf(a.certificate.notAfter))) {
    const signer = loadFileSigner(files);
    if (revocations.names(signer.chain)) continue; // spec S14
    return signer;
  }
  if (valid.length > 0)
    throw new SignerError('signer-revoked', `Every ${role} that is valid now is revoked: ${remedyOf(role)}.`);
  throw new SignerError(
    all.length === 0 ? 'signer-missing' : 'signer-expired',
    `No ${role} certificate is valid now: ${remedyOf(role)}.`,
  );
}

function isValidAt({ certificate }: SignerFile, now: UnixSeconds): boolean {
  return timeOf(certificate.notBefore) <= now && now < timeOf(certificate.notAfter);
}

function remedyOf(role: SignerPurpose): string {
  return `make one with "windlass signer issue --role ${role}" and "windlass signer install"`;
}
