import type { Command, Option } from 'commander';
import type { CommandContext } from './command.ts';
import { type CompareOptions, compareEncoders } from './commands/compare-encoders.ts';
import {
  endMigration,
  listEncoders,
  type MigrateOptions,
  migrateEncoder,
  type SwitchOptions,
  switchEncoder,
} from './commands/encoders.ts';
import type { ExitCode } from './failure.ts';

/** How a command is made that talks to a server, and how it is carried out. */
export interface ServerCommands<Server> {
  /** Adds a command under another one, with the options that all have. */
  add(parent: Command, usage: string, description: string): Command;
  act(options: Server, work: (context: CommandContext) => Promise<ExitCode>): Promise<void>;
  readonly mode: () => Option;
}

/** Adds `tributary encoders …`: which encoder serves, and how another one comes to. */
export function addEncoderCommands<Server>(
  program: Command,
  { add, act, mode }: ServerCommands<Server>,
): void {
  const encoders = program
    .command('encoders')
    .description(
      'Say which text encoders there are, and migrate from one to another. Needs the scope `admin`.',
    );

  add(encoders, 'list', 'List encoders, their vectors, and migrations.').action(
    (options: { json?: boolean } & Server) => act(options, (context) => listEncoders(context, options)),
  );
  add(encoders, 'migrate', 'Give every passage a vector of another encoder, while the old one serves on.')
    .option('--to <encoder>', 'its fingerprint or its model; the only other one that is loaded by default')
    .option('--queries <file>', 'saved queries to compare quality on: a JSON object a line')
    .option('--no-wait', 'do not follow it until both encoders can serve')
    .action((options: MigrateOptions & Server) =>
      act(options, (context) => migrateEncoder(context, options)),
    );
  add(encoders, 'compare', 'Search with both encoders, and compare what is found.')
    .requiredOption('--queries <file>', 'saved queries: a JSON object a line')
    .addOption(mode().default('HYBRID', 'hybrid'))
    .action((options: CompareOptions & Server) =>
      act(options, (context) => compareEncoders(context, options)),
    );
  add(encoders, 'switch <fingerprint>', 'Have another encoder serve; the same goes back.')
    .option('--force', 'also while passages lack a vector of it, which are not found then')
    .action((fingerprint: string, options: SwitchOptions & Server) =>
      act(options, (context) => switchEncoder(context, fingerprint, options)),
    );
  add(encoders, 'finish <id>', 'End a migration: remove the vectors of the old encoder for good.').action(
    (id: string, options: { json?: boolean } & Server) =>
      act(options, (context) => endMigration(context, 'finish', id, options)),
  );
  add(encoders, 'cancel <id>', 'Give a migration up: remove the vectors of the new encoder.').action(
    (id: string, options: { json?: boolean } & Server) =>
      act(options, (context) => endMigration(context, 'cancel', id, options)),
  );
}
