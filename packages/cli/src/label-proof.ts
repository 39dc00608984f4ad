/**
 * The proof that somebody has the code of a device's label, made here: the service says what it has to cover, and is sent the proof, never the
 * code.
 */
import type { LabelProof, ProofTerms } from '@windlass/management';
import type { Command } from 'commander';
import type { ReadLabel } from './claim-code-input.ts';
import { collect } from './command.ts';
import { CommandError } from './errors.ts';
import type { Terminal } from './terminal.ts';

export interface ProofOptions {
  /** Fingerprints that were given: the proof covers these publisher anchors, or is not made. */
  readonly publisher?: readonly string[] | undefined;
}

/** What the proof is wanted for, as far as it is known here. */
export interface ProofWish extends ProofOptions {
  readonly serial?: string | undefined;
  readonly organization?: string | undefined;
}

export function withPublishers(command: Command): Command {
  return command.option(
    '--publisher <fingerprint>',
    'make a label proof only for this publisher anchor; repeatable, for all of them in their order',
    collect,
  );
}

/**
 * What `act` answers; when it is refused for the want of a label proof, once more with the one that the label's code gives. Standard error says
 * for what the proof is, before it is sent. @throws CommandError: the code is too short, or the service wants another proof than is wished
 */
export async function withProof<Answer>(
  {
    label,
    wish,
    terminal,
  }: { readonly label: ReadLabel | null; readonly wish: ProofWish; readonly terminal: Terminal },
  act: (labelProof?: LabelProof) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await act();
  } catch (cause) {
    const terms = termsIn(cause);
    if (terms === null || label === null) throw cause;
    const proof = await proofOf(label, terms, wish);
    terminal.err(`Label proof: ${textOf(terms)}\n`);
    return act(proof);
  }
}

/** What the service says that a proof has to cover; null: it did not ask for one. Told by name, as every error of the client here. */
export function termsIn(cause: unknown): ProofTerms | null {
  const isRefusal = cause instanceof Error && cause.name === 'ManagementError' && 'proofTerms' in cause;
  return isRefusal ? (cause.proofTerms as ProofTerms | null) : null;
}

async function proofOf({ labelKey }: ReadLabel, terms: ProofTerms, wish: ProofWish): Promise<LabelProof> {
  const protocol = await import('@windlass/protocol');
  if (labelKey === null)
    throw new CommandError(
      `Device ${terms.serial} takes a claim only with a label proof, and this code is too short for one: it has ${protocol.LABEL_PROOF_CODE_CHARACTERS} characters or more. Check the label.`,
    );
  refuseOther(terms, wish);
  const { ownership, publishers } = terms;
  const proof = protocol.labelProofOf(labelKey, {
    service: protocol.parseServiceName(terms.service),
    device: { manufacturer: protocol.parseDigest(terms.manufacturer), serial: protocol.parseSerial(terms.serial) },
    organization: protocol.parseOrganizationId(terms.organization),
    ownership,
    publishers: publishers.map((digest) => protocol.parseDigest(digest)),
  });
  return { proof, ownership, publishers };
}

/** A service that is not its operator's any more might have it made for somebody else. */
function refuseOther(terms: ProofTerms, { serial, organization, publisher = [] }: ProofWish): void {
  const isFor = (wished: string | undefined, said: string) => wished === undefined || wished === said;
  if (!isFor(serial, terms.serial) || !isFor(organization, terms.organization))
    throw new CommandError(
      `The service wants a label proof for ${textOf(terms)}, and that is not what was asked for: no proof was made.`,
    );
  const wished = publisher.map((text) => text.replaceAll(':', '').toLowerCase()).join();
  if (publisher.length > 0 && wished !== terms.publishers.map(hexOf).join())
    throw new CommandError(
      `The service wants a label proof for ${textOf(terms)}, and --publisher says others: no proof was made.`,
    );
}

function textOf({ serial, organization, ownership, publishers }: ProofTerms): string {
  const fingerprints = publishers.map((digest) =>
    hexOf(digest)
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:'),
  );
  return `device ${serial} for ${organization}, ownership ${ownership}, publisher ${fingerprints.join(', ')}`;
}

const hexOf = (digest: string): string => Buffer.from(digest, 'base64').toString('hex');
