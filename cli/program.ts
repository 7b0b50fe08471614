import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { TributaryClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { type AskOptions, ask } from './commands/ask.ts';
import { deleteDocument } from './commands/delete.ts';
import { doctor } from './commands/doctor.ts';
import { type DocumentsOptions, documents } from './commands/documents.ts';
import { type EvalCommandOptions, evalCommand } from './commands/eval.ts';
import { type IngestOptions, ingest } from './commands/ingest.ts';
import { models } from './commands/models.ts';
import { type SearchOptions, search } from './commands/search.ts';
import { documentFilterSyntax } from './document-filter.ts';
import { addEncoderCommands } from './encoder-commands.ts';
import { CommandFailure, type ExitCode, exitCodes } from './failure.ts';
import type { Modality } from './operations.generated.ts';
import { cellSyntax } from './read-cells.ts';
import { searchFilterSyntax } from './search-filter.ts';
import type { Terminal } from './terminal.ts';

/** What surrounds a run of the command line. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly version: string;
}

interface ServerOptions {
  readonly url: string;
  readonly token?: string;
}

/**
 * Runs one command line.
 *
 * @param words what was typed behind `tributary`
 * @returns the exit code; failures have been told on standard error by then
 */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  let exitCode: ExitCode = exitCodes.ok;
  const program = buildProgram(surroundings, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (signal.aborted) return exitCodes.interrupted;
    terminal.note(error instanceof Error ? error.message : String(error));
    return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
  }
}

function buildProgram(surroundings: Surroundings, end: (code: ExitCode) => void): Command {
  const { environment, terminal, signal } = surroundings;
  const program = new Command('tributary')
    .description('Search a library of documents, and ask it questions.')
    .version(surroundings.version)
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)')
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.note(text.trimEnd()),
    });

  const url = new Option('--url <address>', 'where the server is')
    .default(environment.TRIBUTARY_URL || 'http://localhost:4000')
    .helpGroup('Server:');
  const token = new Option('--token <token>', 'API key or JSON Web Token (TRIBUTARY_TOKEN)').helpGroup(
    'Server:',
  );
  const serverOf = (options: ServerOptions) => {
    const shown = options.token ?? environment.TRIBUTARY_TOKEN;
    return { url: options.url, token: shown === '' ? undefined : shown };
  };
  const command = (usage: string, description: string) => commandOf(program, usage, description);
  const commandOf = (parent: Command, usage: string, description: string) =>
    parent
      .command(usage)
      .description(description)
      .addOption(url)
      .addOption(token)
      .option('--json', 'print JSON, as docs/cli.md describes it');
  const withClient = async (options: ServerOptions, act: (context: CommandContext) => Promise<ExitCode>) => {
    await using client = new TributaryClient(serverOf(options));
    end(await act({ client, terminal, signal }));
  };

  command('ingest <paths-or-urls...>', 'Put documents in: files, folders, web addresses.')
    .option('--tag <tag>', 'a tag; may be repeated', collect, [])
    .option('--author <name>', 'who wrote it')
    .option('--year <year>', 'the year it is from', integer(-9999, 9999))
    .option('--title <title>', 'the title, for one document')
    .option('--source <name>', 'the name of the source, for one document; its path or address by default')
    .option('--concurrency <number>', 'how many documents to send at once', integer(1, 64), 4)
    .action((targets: string[], options: IngestOptions & ServerOptions) =>
      withClient(options, (context) => ingest(context, targets, options)),
    );

  command('search [text]', 'Search for passages: with words, a picture, a sound, or a passage.')
    .option('--image <file>', 'search with a picture: what looks like it')
    .option('--audio <file>', 'search with a sound: what sounds like it')
    .option('--like <id>', 'search with a passage: what is like it')
    .option(
      '--modality <kind>',
      'text, image, audio, video or table; may be repeated; all of them by default',
      collectModality,
      [],
    )
    .option('--top <number>', 'how many passages, 1 to 200', integer(1, 200), 10)
    .addOption(mode().default('HYBRID', 'hybrid'))
    .option('--filter <conditions>', searchFilterSyntax)
    .option('--cell <condition>', cellSyntax, (value: string, all: string[]) => [...all, value], [])
    .option('--include-cold', 'search documents, too, that no search has shown for a long time')
    .action((text: string | undefined, options: SearchOptions & ServerOptions) =>
      withClient(options, (context) => search(context, text, options)),
    );

  command('ask [question]', 'Ask a question; the answer comes with citations.')
    .addOption(
      new Option('--style <style>', 'generated or extractive; the server’s own choice by default').argParser(
        choice({ generated: 'GENERATED', extractive: 'EXTRACTIVE' }),
      ),
    )
    .option('--passages <number>', 'answer from at most this many passages, 1 to 50', integer(1, 50))
    .option('--filter <conditions>', searchFilterSyntax)
    .option('--conversation <id>', 'go on with a conversation')
    .option('--resume <id>', 'go on with an answer: ID, or ID/CURSOR to go on behind an event')
    .action((question: string | undefined, options: AskOptions & ServerOptions) =>
      withClient(options, (context) => ask(context, question, options)),
    );

  command('documents', 'List documents, newest first.')
    .option('--filter <conditions>', documentFilterSyntax)
    .option('--limit <number>', 'how many to list', integer(1, 1_000_000), 100)
    .action((options: DocumentsOptions & ServerOptions) =>
      withClient(options, (context) => documents(context, options)),
    );

  command('delete <id>', 'Delete a document for good, and print the receipt.').action(
    (id: string, options: { json?: boolean } & ServerOptions) =>
      withClient(options, (context) => deleteDocument(context, id, options)),
  );

  command('eval <folder>', 'Measure retrieval on a collection in BEIR layout, in a tenant of its own.')
    .addOption(
      new Option('--mode <modes>', 'hybrid, dense, sparse; several with commas')
        .argParser((text) => text.split(',').map((one) => modeOf(one.trim())))
        .default(['HYBRID'], 'hybrid'),
    )
    .option('--limit <number>', 'only so many queries', integer(1, 10_000_000))
    .action(async (folder: string, options: EvalCommandOptions & ServerOptions) => {
      end(await evalCommand({ ...serverOf(options), terminal, signal }, folder, options));
    });

  command('doctor', 'Say what is configured, reachable and missing, and how to mend it.').action(
    (options: { json?: boolean } & ServerOptions) =>
      withClient(options, (context) => doctor(context, options, environment)),
  );

  addEncoderCommands<ServerOptions>(program, { add: commandOf, act: withClient, mode });

  program
    .command('models')
    .description('List the models, and which of them are here.')
    .option('--json', 'print JSON, as docs/cli.md describes it')
    .action(async (options: { json?: boolean }) => {
      end(await models({ terminal, signal }, options, environment));
    });

  program
    .command('gateway')
    .description('Serve any Federation 2 supergraph by itself.')
    .requiredOption('--supergraph <file-or-url>', 'the supergraph’s SDL')
    .option('--port <number>', 'the port to listen on', integer(0, 65_535), 4000)
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .action(async (options: { supergraph: string; port: number; host: string }) => {
      const { gateway } = await import('./commands/gateway.ts');
      end(await gateway({ terminal, signal }, options));
    });

  return program;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
};

const choice =
  <T>(choices: Readonly<Record<string, T>>) =>
  (text: string): T => {
    const found = Object.entries(choices).find(([name]) => name === text.toLowerCase());
    if (found === undefined) {
      throw new InvalidArgumentError(`Allowed: ${Object.keys(choices).join(', ')}.`);
    }
    return found[1];
  };

const modalityOf = choice<Modality>({
  ...{ text: 'TEXT', image: 'IMAGE', audio: 'AUDIO', video: 'VIDEO', table: 'TABLE' },
} as const);

const collectModality = (value: string, before: readonly Modality[]): Modality[] => [
  ...before,
  modalityOf(value),
];

const modeOf = choice({ hybrid: 'HYBRID', dense: 'DENSE', sparse: 'SPARSE' } as const);
const mode = () => new Option('--mode <mode>', 'hybrid, dense or sparse').argParser(modeOf);
