/** Which lines of the audit: the options that listing and exporting share. */
import { type Command, Option } from 'commander';

/** What was asked for; what is left out does not matter. */
export interface AuditFilterOptions {
  readonly organization?: string;
  readonly act?: string;
  readonly actor?: string;
  readonly outcome?: 'done' | 'refused';
  readonly since?: string;
  readonly until?: string;
}

/** The command has the options of the filter. */
export function withAuditFilter(command: Command): Command {
  return command
    .option('--organization <name>', 'only acts on it, seen as its approver')
    .option('--act <act>', 'only this act, like profile.publish')
    .option('--actor <name>', 'only what this person did, or the token or session with this ID')
    .addOption(new Option('--outcome <outcome>', 'only what ended so').choices(['done', 'refused']))
    .option('--since <time>', 'only from this date or time on, like 2027-01-31 or 2027-01-31T08:00:00Z')
    .option('--until <time>', 'only before this date or time');
}

/** The filter as the service takes it, which says what is wrong with it. */
export function auditFilter(options: AuditFilterOptions) {
  const { organization, act, actor, outcome, since, until } = options;
  return { organization, act, actor, outcome, since, until };
}
