/** What a benchmark hands back, and how it is shown: one line per figure, `name  figure  limit  ok|OVER`. */

export type Unit = 'bytes' | 'ms' | 'MiB' | 'x' | '%' | 'per s' | 'count';

/** `hard`: a run with more than this fails. `goal`: where we want to be; more is said and does not fail. */
export interface Limit {
  readonly kind: 'hard' | 'goal';
  readonly most: number;
}

export interface Measured {
  readonly kind: 'measured';
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly limit?: Limit;
}

/** A figure that could not be taken here; `reason` is a sentence. */
export interface NotRun {
  readonly kind: 'not-run';
  readonly name: string;
  readonly reason: string;
}

export type Figure = Measured | NotRun;

export type Verdict = 'ok' | 'OVER' | 'above the goal' | 'no limit' | 'not run';

/** `OVER` only above a hard limit; being exactly at a limit is `ok`. */
export function verdictOf(figure: Figure): Verdict {
  if (figure.kind === 'not-run') return 'not run';
  const { limit, value } = figure;
  if (limit === undefined) return 'no limit';
  if (value <= limit.most) return 'ok';
  return limit.kind === 'hard' ? 'OVER' : 'above the goal';
}

const widths = { name: 58, value: 12, limit: 14 };

/** The figure as a line of the table; the columns of all lines are the same. */
export function lineOf(figure: Figure): string {
  const name = figure.name.padEnd(widths.name);
  if (figure.kind === 'not-run') return `${name}  not run: ${figure.reason}`;
  const { limit, unit, value } = figure;
  const bound = limit === undefined ? '-' : `${limit.kind === 'goal' ? 'goal' : '<='} ${amount(limit.most, unit)}`;
  const verdict = verdictOf(figure);
  const columns = [name, amount(value, unit).padStart(widths.value), bound.padStart(widths.limit)];
  return [...columns, verdict === 'no limit' ? '' : verdict].join('  ').trimEnd();
}

/** The heading of the table. */
export function headLine(): string {
  return ['name'.padEnd(widths.name), 'figure'.padStart(widths.value), 'limit'.padStart(widths.limit)].join('  ');
}

/** A number in its unit: whole bytes and counts, others with three significant digits or more. */
export function amount(value: number, unit: Unit): string {
  if (unit === 'count') return String(value);
  if (unit === 'bytes') return `${grouped(Math.round(value))} B`;
  return `${value >= 100 ? grouped(Math.round(value)) : value.toPrecision(3)} ${unit}`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** The middle of the values, of the two middle ones the mean. @throws RangeError when there is none */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  return (lower + upper) / 2;
}
