import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { exitCodes } from './failure.ts';
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The first Ctrl-C ends things properly; whoever presses it twice does not want to wait for that.
  if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
  interrupt.abort(new DOMException('Interrupted.', 'AbortError'));
});
process.on('SIGTERM', () => interrupt.abort(new DOMException('Terminated.', 'AbortError')));
// A reader that has seen enough (`… | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  terminal: processTerminal(),
  signal: interrupt.signal,
  version: readVersion(),
});

/** The version in package.json, which is one folder up from the sources, and two from what is built. */
function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8');
      return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
    } catch {
      // It is in the other place.
    }
  }
  return 'unknown';
}
