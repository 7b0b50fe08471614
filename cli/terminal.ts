/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** Whether a person watches, so that bars may be drawn on standard error. */
  readonly interactive: boolean;
  /** Writes a text of the result as it is. */
  write(text: string): void;
  /** Writes a line of the result. */
  print(line?: string): void;
  /** Writes a line for the person who watches. */
  note(line: string): void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    interactive: process.stderr.isTTY === true,
    write: (text) => void process.stdout.write(text),
    print: (line = '') => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
  };
}
