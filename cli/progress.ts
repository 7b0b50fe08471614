import { MultiBar, type SingleBar } from 'cli-progress';
import type { Progress } from './ingest-one.ts';
import type { Terminal } from './terminal.ts';

/** Shows how far each document has come: a bar for each where a person watches, nothing otherwise. */
export interface ProgressDisplay extends Disposable {
  start(name: string): DocumentProgress;
  /** Writes a line above the bars. */
  line(text: string): void;
}

/** The progress of one document. */
export interface DocumentProgress {
  update(progress: Progress): void;
  /** Ends it, and says in one line how. */
  end(line: string): void;
}

/** The display that suits a terminal. */
export function progressDisplay(terminal: Terminal): ProgressDisplay {
  return terminal.interactive ? barDisplay() : lineDisplay(terminal);
}

const lineDisplay = (terminal: Terminal): ProgressDisplay => ({
  start: () => ({ update: () => undefined, end: (line) => terminal.note(line) }),
  line: (text) => terminal.note(text),
  [Symbol.dispose]: () => undefined,
});

function barDisplay(): ProgressDisplay {
  const bars = new MultiBar({
    format: ' {bar} {percentage}% {stage} {name}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    linewrap: false,
    fps: 8,
    gracefulExit: false,
    stream: process.stderr,
  });
  const line = (text: string) => bars.log(`${text}\n`);
  return {
    line,
    start(name) {
      const bar: SingleBar = bars.create(100, 0, { name, stage: ''.padEnd(8) });
      return {
        update: ({ stage, done }) =>
          bar.update(Math.min(100, Math.floor(done * 100)), { stage: stage.padEnd(8) }),
        end(text) {
          bars.remove(bar);
          line(text);
        },
      };
    },
    [Symbol.dispose]: () => bars.stop(),
  };
}
