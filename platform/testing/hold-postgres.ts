// A process that starts PostgreSQL in the folder given, says so, and then only waits: for tests that kill it.
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { silentLogger } from './silent-logger.ts';

const [, , dataDirectory = ''] = process.argv;
const server = await startEmbeddedPostgres({ dataDirectory, logger: silentLogger });
process.stdout.write('started\n');
process.once('SIGTERM', () => {
  void server[Symbol.asyncDispose]();
});
