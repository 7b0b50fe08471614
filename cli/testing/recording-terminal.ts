import type { Terminal } from '../terminal.ts';

/** A terminal that nobody watches, and that keeps what is written to it. */
export interface RecordingTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
}

export function recordingTerminal(): RecordingTerminal {
  let out = '';
  let err = '';
  return {
    interactive: false,
    write: (text) => {
      out += text;
    },
    print: (line = '') => {
      out += `${line}\n`;
    },
    note: (line) => {
      err += `${line}\n`;
    },
    out: () => out,
    err: () => err,
  };
}
