// `windlass-agent request` and `import`: for a device that has no way out, its request and the answer to it travel in files.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import {
  formatTime,
  isAnswer,
  isEnvelope,
  MAX_BODY_BYTES,
  MAX_HAND_CARRIED_AGE_SECONDS,
  unixSeconds,
} from '@windlass/protocol';
import type { Agent } from '../agent.ts';
import { acceptByHand, requestByHand } from '../carry.ts';
import { urlOf } from '../ladder.ts';
import type { AgentConfig } from '../open-agent.ts';
import { ConfigError } from './config/members.ts';
import { describeResult, exitCodeOf } from './described.ts';
import type { Terminal } from './terminal.ts';

/** Stands for standard output, or input. */
const STANDARD = '-';

/** What was said of files on the command line. */
export interface Files {
  /** Where the request goes, or where the answer is. */
  readonly file: string;
  /** Where a report for the service goes; null: nowhere. */
  readonly report: string | null;
  readonly config: string;
}

/** 0: the request is in the file, and the device takes the answer to it from now on. @throws ConfigError; errors of the file system */
export async function requestCommand(
  agent: Agent,
  { ports: { https } }: Pick<AgentConfig, 'ports'>,
  { file, config }: Files,
  { out }: Terminal,
  json: boolean,
): Promise<number> {
  const { service } = agent.identity;
  checkPlace(file);
  if (file !== STANDARD) closeSync(openToWrite(file)); // before the request that is under way is void
  const request = await requestByHand(agent);
  write(file, request, out);
  const url = `https://${service}${https === 443 ? '' : `:${https}`}${urlOf('bootstrap')}`;
  const { time } = agent.state.current.pending ?? agent.clock.read();
  const until = formatTime(unixSeconds(time + MAX_HAND_CARRIED_AGE_SECONDS));
  if (json && file !== STANDARD) out(JSON.stringify({ outcome: 'requested', file, url, until }));
  if (json || file === STANDARD) return 0;
  out(`the request is in ${file}: carry it to a machine with a way out, and get the answer there with one of`);
  out(`  windlass carry ${file} --out answer.json`);
  out(`  curl -sS -o answer.json -H 'Content-Type: application/json' --data-binary @${file} ${url}`);
  out(`then, here: windlass-agent import answer.json --config ${config}`);
  out(`the answer is taken once, until ${until} by the clock of this agent; an earlier request is void`);
  return 0;
}

/** The exit code of what the answer came to; 30 where the file has none. @throws ConfigError; errors of the file system */
export async function importCommand(
  agent: Agent,
  { file, report: reportFile }: Files,
  { out, err }: Terminal,
  json: boolean,
): Promise<number> {
  const { service } = agent.identity;
  checkPlace(reportFile);
  const body = file === STANDARD ? readFileSync(0) : readLimited(file);
  const mistake = mistakeIn(body, agent.state.current.pending !== null);
  if (body === null || mistake !== null) {
    if (json) out(JSON.stringify({ outcome: 'not-valid', code: null, detail: mistake }));
    else err(`${file}: ${mistake}`);
    return exitCodeOf('not-valid');
  }
  const { result, report } = await acceptByHand(agent, body);
  const isWritten = report !== null && reportFile !== null;
  if (isWritten) write(reportFile, report, out);
  const confirmed = result.unsent === null;
  if (json) {
    out(JSON.stringify({ ...describeResult(result, service), confirmed, report: isWritten ? reportFile : null }));
    return exitCodeOf(result.outcome);
  }
  if (result.outcome === 'active' && !confirmed)
    out(`not confirmed yet: the first time that ${service} is reached confirms it, or takes it back`);
  if (result.outcome === 'reverted')
    out('nothing of the answer was kept: put right what is said above, and import the same file again');
  if (isWritten) out(`a report for the service is in ${reportFile}: windlass carry ${reportFile}`);
  return exitCodeOf(result.outcome);
}

/** What people mistake for an answer, as a sentence that says what to do; null: it looks like one. */
function mistakeIn(body: Uint8Array | null, isAsked: boolean): string | null {
  if (!isAsked)
    return 'no request of this device waits for an answer: make one with "windlass-agent request" and carry that.';
  if (body === null) return 'this is no file: name the one with the answer, or - for standard input.';
  if (body.length > MAX_BODY_BYTES)
    return `this is larger than an answer can be (${MAX_BODY_BYTES} bytes): it is another file.`;
  if (isEnvelope(body))
    return 'this is a request or a report, not an answer: carry it to the service, and import what comes back.';
  if (!isAnswer(body))
    return 'this is no answer of the service: a page of the network, an error, or a file that was cut short. Get it again.';
  return null;
}

/** The file, or enough of it to see that it is too large; null for what is none, which may have no end and hold up whoever reads it. */
function readLimited(file: string): Uint8Array | null {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(handle).isFile()) return null;
    const bytes = Buffer.alloc(MAX_BODY_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0; length += read) read = readSync(handle, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}

/** What is there already, and is no message of a device, stays: it may be a key, or lead to one. @throws ConfigError */
function checkPlace(file: string | null): void {
  const found = file !== null && file !== STANDARD && lstatSync(file, { throwIfNoEntry: false });
  if (!found || (found.isFile() && found.size === 0) || isMessage(found.isFile() ? readLimited(file) : null)) return;
  throw new ConfigError(`${file} is there and is no request or report: name another file.`);
}

function isMessage(body: Uint8Array | null): boolean {
  return body !== null && isEnvelope(body);
}

/** On the disk, or the stick, when it returns. */
function write(file: string, text: string, out: Terminal['out']): void {
  if (file === STANDARD) {
    out(text);
    return;
  }
  const handle = openToWrite(file);
  try {
    ftruncateSync(handle);
    writeFileSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** With what it had, and not through a link. */
function openToWrite(file: string): number {
  return openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}
