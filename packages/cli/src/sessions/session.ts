/** Reads a session: commands as a person types them, and the output and exit code that each must have. */

export interface Step {
  /** Line of the session file, for error texts. */
  readonly line: number;
  readonly command: string;
  /** `...` alone stands for any number of lines, inside a line for any characters. */
  readonly expected: readonly string[];
  readonly exitCode: number;
}

/**
 * The steps of a session. A line that starts with `$ ` is a command, the lines below it its expected output, a last line `[N]`
 * its exit code (0 when left out); an empty line ends the step, lines that start with `#` are comments.
 */
export function parseSession(text: string): readonly Step[] {
  const steps: { line: number; command: string; expected: string[]; exitCode: number }[] = [];
  let open = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('$ ')) {
      steps.push({ line: index + 1, command: line.slice(2), expected: [], exitCode: 0 });
      open = true;
    } else if (line === '' || line.startsWith('#')) {
      open = open && line !== '';
    } else {
      const step = steps.at(-1);
      if (step === undefined || !open) throw new Error(`line ${index + 1} belongs to no command: ${line}`);
      const code = /^\[(\d+)\]$/.exec(line);
      if (code === null) step.expected.push(line);
      else step.exitCode = Number(code[1]);
    }
  }
  return steps;
}

/** Whether the output is what was expected. Empty lines of the output and spaces at ends of lines do not count. */
export function matches(output: string, expected: readonly string[]): boolean {
  const lines = output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return matchesFrom(
    lines,
    0,
    expected.map((line) => line.trimEnd()),
    0,
  );
}

function matchesFrom(lines: readonly string[], at: number, expected: readonly string[], wanted: number): boolean {
  const pattern = expected[wanted];
  if (pattern === undefined) return at === lines.length;
  if (pattern === '...') {
    for (let next = at; next <= lines.length; next += 1) {
      if (matchesFrom(lines, next, expected, wanted + 1)) return true;
    }
    return false;
  }
  const line = lines[at];
  return line !== undefined && matchesLine(line, pattern) && matchesFrom(lines, at + 1, expected, wanted + 1);
}

function matchesLine(line: string, pattern: string): boolean {
  const parts = pattern.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}
