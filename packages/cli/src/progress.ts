/** How far something long is: one line on standard error that is written over, and only where somebody looks. */
import type { Terminal } from './terminal.ts';

/** Says how far it is. */
export interface Progress {
  /** The line says this now; not more often than a person can read. */
  show(text: string): void;
  /** The line is gone. */
  end(): void;
}

const intervalMs = 100;

/** Nothing is written when standard error is no terminal. */
export function startProgress(terminal: Pick<Terminal, 'err' | 'showsProgress'>): Progress {
  if (!terminal.showsProgress) return { show: () => {}, end: () => {} };
  let shown = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      if (performance.now() - shown < intervalMs) return;
      shown = performance.now();
      terminal.err(`\r\u001b[K${text}`);
    },
    end: () => terminal.err('\r\u001b[K'),
  };
}

/** `12 500`: a number as people read it. */
export function spaced(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}
