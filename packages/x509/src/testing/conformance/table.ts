// Text in columns.

import type { Score } from './score.ts';

/** Lines of equal columns: the first and the last one flush left, the others flush right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      return i === 0 || i === columns - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    return cells.join('  ').trimEnd();
  });
}

/** Milliseconds for people. */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** The case that took longest, with its time. */
export function slowestCase({ slowest: { id, ms } }: Pick<Score, 'slowest'>): string {
  return id === '' ? '' : `${duration(ms).padStart(6)}  ${id}`;
}
