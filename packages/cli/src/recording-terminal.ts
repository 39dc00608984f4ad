/** A terminal for tests: keeps what is written, has no colours, is called `windlass`. */
import pc from 'picocolors';
import type { Terminal } from './terminal.ts';

export interface RecordingTerminal extends Terminal {
  readonly written: { out: string; err: string; exitCode: number };
}

/** A terminal that records. Also what documentation is made with: help as it is in an installed package. */
export function recordingTerminal(environment: Readonly<Record<string, string>> = {}): RecordingTerminal {
  const written = { out: '', err: '', exitCode: 0 };
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    paint: pc.createColors(false),
    errorPaint: pc.createColors(false),
    columns: 100,
    environment,
    commandName: 'windlass',
    askedToEnd: () => Promise.resolve(),
    showsProgress: false,
    askSecret: () => Promise.resolve(environment['TEST_SECRET'] ?? ''),
    exitWith: (code) => {
      written.exitCode = code;
    },
  };
}
