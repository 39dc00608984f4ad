/** docs/commands.md, made from the program's own help, so that it cannot say anything else. */
import type { Command } from 'commander';
import { overviewPaths } from './overview.ts';
import { createProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const introduction = `# The windlass command

<!-- Made from the program's own help by packages/cli/src/write-commands-document.ts: do not edit. -->

In a checkout, type \`npx --no-install windlass\` where this page says \`windlass\`. Each command takes \`--json\` for the exact result, and
\`--help\`. Names of commands and options are a contract; texts for people may change.

**Exit codes:** 0 done; 1 not done, or what was checked does not hold; 2 the command line cannot be understood. Errors are one sentence on
standard error, with \`--json\` an object \`{"error": {"code", "message"}}\`. Colours appear only on a terminal, and never with \`NO_COLOR\`.

**Which service, and as whom.** \`--url\` (or \`WINDLASS_URL\`) with the token in \`WINDLASS_TOKEN\`; or \`--dir\` with the service's directory, which
gives the address, and the admin's token, or, with \`--organization\`, that organization's approver's token. \`--url\` together with \`--dir\` takes
the address from the one and the token from the other. A token is never given on the command line. A token never crosses a network in clear: an
\`http\` URL is taken for this machine only.

**Environment:** \`WINDLASS_URL\`, \`WINDLASS_TOKEN\`, \`NO_COLOR\`, \`WINDLASS_DEBUG=1\` (stack traces).
`;

/** The whole document. */
export function commandsDocument(): string {
  const program = createProgram(recordingTerminal());
  const sections = overviewPaths.map(
    (path) =>
      `## windlass ${path}\n\n\`\`\`\n${find(program, path).helpInformation().trimEnd()}\n${examplesOf(program, path)}\`\`\`\n`,
  );
  const contents = overviewPaths.map(
    (path) => `- [\`windlass ${path}\`](#windlass-${path.replaceAll(' ', '-')}): ${find(program, path).summary()}`,
  );
  return [introduction, `${contents.join('\n')}\n`, ...sections].join('\n');
}

function find(program: Command, path: string): Command {
  return path.split(' ').reduce((at, word) => {
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) throw new Error(`there is no command ${path}`);
    return next;
  }, program);
}

/** What help prints after the options. */
function examplesOf(program: Command, path: string): string {
  let text = '';
  const command = find(program, path);
  command.configureOutput({
    ...command.configureOutput(),
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}
