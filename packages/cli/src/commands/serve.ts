/** `windlass serve`: the service runs until it is asked to end. */
import { type Command, Option } from 'commander';
import { newCommand } from '../command.ts';
import { jsonText, type OutputOptions } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly config: string;
  readonly only?: 'device' | 'management';
}

export function serve(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'serve',
    summary: 'run the service',
    description:
      'Runs the service until SIGTERM or SIGINT; requests that are under way are finished then. Prints where it listens, under which URL devices know it, and a line "ready". With --only one half runs, with the keys and database rights of that half. With --json each line is a JSON object.',
    examples: ['serve --config ./service/windlass.toml', 'serve --config ./service/windlass.toml --only device'],
  })
    .requiredOption('--config <file>', 'the windlass.toml that "windlass init" wrote')
    .addOption(new Option('--only <side>', 'run one half').choices(['device', 'management']))
    .action(async (options: Options) => {
      const { serve: startService } = await import('@windlass/service');
      const asked = terminal.askedToEnd();
      const running = await startService({
        configFile: options.config,
        ...(options.only === undefined ? {} : { only: options.only }),
      });
      const say = speaker(terminal, options);
      for (const [name, url] of Object.entries(running.urls)) {
        const { address, url: serviceUrl = url } = running.deviceListeners[name] ?? {};
        const bound = address === undefined ? '' : ` (listens on ${address})`;
        say(
          { event: 'listening', name, url, ...(address === undefined ? {} : { address, serviceUrl }) },
          `${name.padEnd(17)} ${serviceUrl}${bound}`,
        );
      }
      say({ event: 'ready' }, 'ready');
      await asked;
      say({ event: 'stopping' }, 'stopping: requests under way are finished first');
      await running.close();
      say({ event: 'stopped' }, 'stopped');
    });
}

function speaker(
  terminal: Terminal,
  options: OutputOptions,
): (event: Readonly<Record<string, string>>, text: string) => void {
  return (event, text) => terminal.out(`${options.json === true ? jsonText(event, 0) : text}\n`);
}
