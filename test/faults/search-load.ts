import { performance } from 'node:perf_hooks';
import { ask, NotAcknowledged } from './ask.ts';
import type { LibraryDocument } from './library.ts';
import type { Seeded } from './seeded.ts';

/** What one search came to. */
export type Outcome =
  /** The document was found, and everything was searched. */
  | 'complete'
  /** Something was not searched, and coverage says what. */
  | 'said'
  /** It failed with an error that says so. */
  | 'failed'
  /** Nobody answered, long after the deadline. */
  | 'unanswered'
  /** Coverage says that everything was searched, and what is there was not found. */
  | 'untrue';

export interface SearchFigures {
  readonly searches: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** What coverage and errors have said, and how often. */
  readonly said: Readonly<Record<string, number>>;
  /** How long after its deadline the latest answer came, in milliseconds; negative where all were in time. */
  readonly latestMs: number;
  /** How many came later than the deadline and the allowance. */
  readonly late: number;
  readonly p95Ms: number;
}

const search = /* GraphQL */ `
  query ($text: String!, $deadlineMs: Int!) {
    search(input: { text: $text, first: 50, deadlineMs: $deadlineMs }) {
      hits { nodes { chunk { document { id } } } }
      coverage { complete sources { modality method status } }
    }
  }
`;
interface Found {
  readonly search: {
    readonly hits: {
      readonly nodes: readonly { readonly chunk: { readonly document: { readonly id: string } } | null }[];
    };
    readonly coverage: {
      readonly complete: boolean;
      readonly sources: readonly {
        readonly modality: string;
        readonly method: string;
        readonly status: string;
      }[];
    };
  };
}

/** A load of searches that runs until it is stopped. */
export interface SearchLoad {
  /** What was seen since the last call. */
  take(): SearchFigures;
  stop(): Promise<void>;
}

/** Searches side by side for documents that are there; no two searches are the same, so that none is remembered. */
export function startSearchLoad(options: {
  readonly url: string;
  readonly documents: readonly LibraryDocument[];
  readonly random: Seeded;
  readonly clients: number;
  readonly deadlineMs: number;
  /** How much later than its deadline a search may be answered, in milliseconds. */
  readonly allowanceMs: number;
}): SearchLoad {
  const { url, documents, random, deadlineMs, allowanceMs } = options;
  let stopped = false;
  let number = 0;
  let outcomes = emptyOutcomes();
  let said = new Map<string, number>();
  let took: number[] = [];

  const say = (what: string) => said.set(what, (said.get(what) ?? 0) + 1);

  async function searchOnce(): Promise<Outcome> {
    const { mark, source, id } = random.pick(documents);
    const text = `Which mark has ${source}, ${mark}? (${++number})`;
    try {
      const found = await ask<Found>(url, search, { text, deadlineMs }, deadlineMs + 30_000);
      const { hits, coverage } = found.search;
      for (const { modality, method, status } of coverage.sources) {
        if (status !== 'SEARCHED' && status !== 'SKIPPED') say(`${modality} ${method} ${status}`);
      }
      if (!coverage.complete) return 'said';
      return hits.nodes.some(({ chunk }) => chunk?.document.id === id) ? 'complete' : 'untrue';
    } catch (error) {
      if (!(error instanceof NotAcknowledged)) throw error;
      say(error.code ?? error.message);
      return error.code === null ? 'unanswered' : 'failed';
    }
  }

  const running = Array.from({ length: options.clients }, async () => {
    while (!stopped) {
      const begunAt = performance.now();
      const outcome = await searchOnce();
      took.push(performance.now() - begunAt);
      outcomes[outcome]++;
    }
  });

  return {
    take() {
      const sorted = took.sort((a, b) => a - b);
      const figures: SearchFigures = {
        searches: sorted.length,
        outcomes,
        said: Object.fromEntries(said),
        latestMs: Math.round((sorted.at(-1) ?? 0) - deadlineMs),
        late: sorted.filter((ms) => ms > deadlineMs + allowanceMs).length,
        p95Ms: Math.round(sorted[Math.floor(sorted.length * 0.95)] ?? 0),
      };
      outcomes = emptyOutcomes();
      said = new Map();
      took = [];
      return figures;
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

const emptyOutcomes = (): Record<Outcome, number> => ({
  complete: 0,
  said: 0,
  failed: 0,
  unanswered: 0,
  untrue: 0,
});
