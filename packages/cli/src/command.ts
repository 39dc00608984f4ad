/** How every command of this program is made: help with examples, `--json`, errors as sentences. */
import { Command, type CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from './errors.ts';
import type { Terminal } from './terminal.ts';

export interface CommandText {
  readonly name: string;
  /** One line, for lists of commands. */
  readonly summary: string;
  /** Whole sentences: what is true afterwards, and what the reader should know. */
  readonly description: string;
  /** Without the name of the program: `network add plant-1 --organization acme`. */
  readonly examples: readonly string[];
}

/** Help was asked for and has been printed; the program ends. */
export class HelpShown extends Error {
  override readonly name = 'HelpShown';
}

/** A command with `--json` and help that ends with examples. Options and the action are added by the caller. */
export function newCommand(terminal: Terminal, text: CommandText): Command {
  return bareCommand(terminal, text.name)
    .summary(text.summary)
    .description(text.description)
    .option('--json', 'print the exact result as JSON')
    .addHelpText('after', () => examplesText(terminal, text.examples));
}

/** A noun: a command whose verbs are commands. */
export function nounCommand(terminal: Terminal, name: string, summary: string, verbs: readonly Command[]): Command {
  const noun = bareCommand(terminal, name).summary(summary).description(`${summary}.`).usage('VERB ...');
  for (const verb of verbs) noun.addCommand(verb);
  return noun;
}

/** A command that prints where this terminal says and throws instead of ending the process. */
export function bareCommand(terminal: Terminal, name: string): Command {
  const command = new Command(name);
  return command
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      writeOut: terminal.out,
      // Only what goes wrong is written there, and that is said by whoever catches it.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.paint.isColorSupported,
      getErrHasColors: () => terminal.errorPaint.isColorSupported,
    })
    .configureHelp({
      styleTitle: (title) => terminal.paint.bold(title),
      optionTerm: (option) =>
        option.flags.replace(/[<[]([a-z]+)(\.{3})?[>\]]/, (_, word: string, more = '') => word.toUpperCase() + more),
      argumentTerm: (argument) => argument.name().toUpperCase(),
      subcommandTerm: (verb) =>
        [verb.name(), ...verb.registeredArguments.map((argument) => argument.name().toUpperCase())].join(' '),
      commandUsage: (shown) => usageOf(shown, terminal.commandName),
    })
    .exitOverride((error) => {
      throw asOurError(error, command, terminal);
    });
}

function usageOf(command: Command, commandName: string): string {
  const words = [commandName, pathOf(command)];
  for (const argument of command.registeredArguments) {
    const word = argument.name().toUpperCase();
    words.push(argument.required ? word : `[${word}]`);
  }
  for (const option of command.options) {
    if (option.mandatory)
      words.push(option.flags.replace(/<([a-z]+)(\.{3})?>/, (_, word: string, more = '') => word.toUpperCase() + more));
  }
  words.push(command.commands.length > 0 ? 'VERB ...' : '[options]');
  return words.join(' ');
}

/** `network add`: the words after the program's name. */
export function pathOf(command: Command): string {
  const words: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) words.unshift(at.name());
  return words.join(' ');
}

function examplesText(terminal: Terminal, examples: readonly string[]): string {
  const lines = examples.map((example) => `  ${terminal.commandName} ${example}`);
  return `\n${terminal.paint.bold(examples.length === 1 ? 'Example:' : 'Examples:')}\n${lines.join('\n')}`;
}

function asOurError(error: CommanderError, command: Command, terminal: Terminal): Error {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return new HelpShown();
  const help = `"${[terminal.commandName, pathOf(command), '--help'].filter((word) => word !== '').join(' ')}"`;
  if (error.code === 'commander.help') {
    const verbs = command.commands.map((verb) => verb.name()).join(', ');
    return new UsageError(`A verb is missing after "${pathOf(command)}": ${verbs}. See ${help}.`);
  }
  const [first = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const sentence = (first.charAt(0).toUpperCase() + first.slice(1)).replace(/\.$/, '');
  const meant = suggestion.replace(/^\(Did you mean (.*)\?\)$/, ' Did you mean $1?');
  return new UsageError(`${sentence}.${meant} See ${help}.`);
}

/** A TCP port as a number. @throws InvalidArgumentError */
export function parsePort(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 65_535, what: 'a port' });
}

/** A whole number in a range. @throws InvalidArgumentError */
export function parseWholeNumber(
  text: string,
  range: { readonly from: number; readonly to: number; readonly what: string },
): number {
  const value = Number(text);
  if (!/^[0-9]{1,9}$/.test(text) || value < range.from || value > range.to) {
    throw new InvalidArgumentError(`Give ${range.what} from ${range.from} to ${range.to}.`);
  }
  return value;
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
