import { ask } from './ask.ts';
import type { LibraryDocument } from './library.ts';
import type { Seeded } from './seeded.ts';

/** A document that stays as it is, with the passage by which others like it are asked for. */
export interface SearchedDocument extends LibraryDocument {
  readonly chunkId: string;
}

export interface MigrationLoadFigures {
  /** How many searches there were, by the way they searched. */
  readonly searches: Readonly<Record<string, number>>;
  /** Refused, not answered, incomplete, or without what is there. */
  readonly failedSearches: number;
  /** What the first failures were. */
  readonly failures: readonly string[];
}

const search = /* GraphQL */ `
  query ($input: SearchInput!) {
    search(input: $input) {
      hits { nodes { chunk { id document { id } } } }
      coverage { complete sources { modality method status reason } }
    }
  }
`;
interface Found {
  readonly search: {
    readonly hits: {
      readonly nodes: readonly {
        readonly chunk: { readonly id: string; readonly document: { readonly id: string } | null } | null;
      }[];
    };
    readonly coverage: {
      readonly complete: boolean;
      readonly sources: readonly {
        readonly method: string;
        readonly status: string;
        readonly reason: string | null;
      }[];
    };
  };
}

/** The ways in which people search; those by meaning alone are what an encoder can break. */
const ways = ['hybrid', 'dense', 'similar'] as const;
/** So many sources are named in a search that is for more than one document. */
const sourcesAtOnce = 20;
const deadlineMs = 30_000;
const rememberedFailures = 20;

/**
 * Searches in every way, without a pause, for documents that nobody changes: all of it must be searched each time,
 * what is there must be found, and every hit must lead to its document.
 *
 * @param options.words whether the vector store can search by words; where it cannot, coverage says so each time.
 */
export function startMigrationLoad(options: {
  readonly url: string;
  readonly documents: readonly SearchedDocument[];
  readonly words: boolean;
  readonly random: Seeded;
}) {
  const { url, documents, words, random } = options;
  const searches: Record<string, number> = Object.fromEntries(ways.map((way) => [way, 0]));
  const failures: string[] = [];
  let failedSearches = 0;
  let stopped = false;
  let number = 0;

  function inputOf(way: (typeof ways)[number], document: SearchedDocument, others: readonly string[]) {
    const filter = { sources: others };
    if (way === 'similar') return { similarToChunkId: document.chunkId, filter, first: 50, deadlineMs };
    // No two are the same, so that none is remembered, but for every fourth.
    const text = `Which mark has ${document.source}?${++number % 4 === 0 ? '' : ` (${number})`}`;
    return { text, mode: way === 'dense' ? 'DENSE' : 'HYBRID', filter, first: 50, deadlineMs };
  }

  async function searchOnce(way: (typeof ways)[number]): Promise<string | null> {
    const document = random.pick(documents);
    const others = Array.from({ length: sourcesAtOnce }, () => random.pick(documents));
    const sources = [...new Set([document, ...others].map(({ source }) => source))];
    const wanted = documents.filter(({ source }) => sources.includes(source)).map(({ id }) => id);
    const { hits, coverage } = (
      await ask<Found>(url, search, { input: inputOf(way, document, sources) }, 2 * deadlineMs)
    ).search;
    const lacking = coverage.sources.filter(
      ({ method, status }) => status !== 'SEARCHED' && status !== 'SKIPPED' && (words || method === 'DENSE'),
    );
    if (lacking.length > 0) return `was not complete: ${JSON.stringify(lacking)}`;
    if (words && !coverage.complete) return 'was not complete, and does not say why';
    const found = hits.nodes.map(({ chunk }) => chunk?.document?.id ?? null);
    if (found.includes(null)) return 'found what is not there';
    if (new Set(hits.nodes.map(({ chunk }) => chunk?.id)).size < found.length) return 'found a passage twice';
    // The passage that others are to be like is none of them.
    const missing = wanted.filter((id) => !found.includes(id) && !(way === 'similar' && id === document.id));
    return missing.length === 0 ? null : `did not find ${missing.join(', ')}`;
  }

  const running = ways.map(async (way) => {
    while (!stopped) {
      const failure = await searchOnce(way).catch((error: unknown) => String(error));
      searches[way] = (searches[way] ?? 0) + 1;
      if (failure === null) continue;
      failedSearches++;
      if (failures.length < rememberedFailures) failures.push(`a search (${way}) ${failure}`);
    }
  });
  const count = () => Math.min(...Object.values(searches));
  return {
    /** How many there were of the rarest way. */
    count,
    figures: (): MigrationLoadFigures => ({ searches: { ...searches }, failedSearches, failures }),
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(running);
    },
  };
}
