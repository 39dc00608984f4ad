// The results of the fuzz loop, and what they cost in memory, as a table and as data.

import { toHex } from '../../bytes.ts';
import { table } from '../conformance/table.ts';
import { MAX_RESIDENT_GROWTH, type Resident } from './resident.ts';
import type { TaskResult } from './task.ts';

/** Bytes of values and buffers that one decoder may leave behind, with compiled code. */
export const MAX_HEAP_GROWTH = 16 << 20;

/** Every reason why the run failed, in sentences. */
export function findProblems(results: readonly TaskResult[], { before, after }: Resident): readonly string[] {
  const problems = results.flatMap(({ result: { name, finding }, heapBefore, heapAfter }) => [
    ...(finding ? [`${name}: ${finding.message} Its input: ${toHex(finding.input)}\n${finding.stack}`.trimEnd()] : []),
    ...(heapAfter - heapBefore > MAX_HEAP_GROWTH
      ? [`${name}: the heap grew from ${mib(heapBefore)} to ${mib(heapAfter)}.`]
      : []),
  ]);
  if (after - before > MAX_RESIDENT_GROWTH)
    problems.push(`The process grew from ${mib(before)} to ${mib(after)} and keeps it.`);
  return results.length === 0 ? ['No decoder has this name.'] : problems;
}

/** One line for each decoder. */
export function report(results: readonly TaskResult[], { before, most, after }: Resident): readonly string[] {
  const rows = results.map(({ result, heapBefore, heapAfter }) => [
    result.name,
    String(result.inputs),
    (result.inputs / result.seconds).toFixed(0),
    String([...result.codes.keys()].filter((code) => code !== 'accepted').length),
    String(result.codes.get('accepted') ?? 0),
    `${result.slowest.toFixed(1)} ms`,
    String(result.corpus),
    String(result.byCoverage),
    `${mib(heapBefore)} to ${mib(heapAfter)}`,
  ]);
  const head = ['decoder', 'inputs', 'per s', 'codes', 'accepted', 'slowest', 'corpus', 'by coverage', 'heap'];
  const resident = `resident: ${mib(before)} before, at most ${mib(most)}, ${mib(after)} after`;
  return [...table([head, ...rows]), resident];
}

/** The same as data. */
export function reportJson(seed: string, results: readonly TaskResult[], resident: Resident): unknown {
  const plain = results.map(({ result: { codes, finding, ...rest }, heapBefore, heapAfter }) => ({
    ...rest,
    codes: Object.fromEntries(codes),
    heapBefore,
    heapAfter,
    ...(finding && { finding: { ...finding, input: toHex(finding.input) } }),
  }));
  return { seed, results: plain, resident, problems: findProblems(results, resident) };
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
