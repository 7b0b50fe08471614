import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import {
  type Modality,
  type SearchFilter,
  type SearchMode,
  SearchOperation,
  type SearchQuery,
} from '../operations.generated.ts';
import { plain } from '../plain.ts';
import { readCells } from '../read-cells.ts';
import { readSearchQuery, type SearchQueryOptions } from '../read-search-query.ts';
import { count, excerptAround, renderCoverage, renderLocator, renderMs } from '../render.ts';
import { readSearchFilter } from '../search-filter.ts';

export interface SearchOptions extends SearchQueryOptions {
  readonly top: number;
  readonly mode: SearchMode;
  /** Only these; all of them where there are none. */
  readonly modality: readonly Modality[];
  readonly filter?: string | undefined;
  /** Conditions on one row of a table. */
  readonly cell?: readonly string[] | undefined;
  readonly includeCold?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `tributary search`: prints passages with their score and its parts, best first. */
export async function search(
  { client, terminal, signal }: CommandContext,
  text: string | undefined,
  options: SearchOptions,
): Promise<ExitCode> {
  const { shown, input } = await readSearchQuery(text, options, { client, signal });
  const { search: result } = await client.execute(
    SearchOperation,
    {
      input: {
        ...input,
        first: options.top,
        mode: options.mode,
        ...(options.modality.length === 0 ? {} : { modalities: options.modality }),
        ...(options.includeCold === true ? { includeCold: true } : {}),
        ...filterOf(options),
      },
    },
    signal,
  );
  if (options.json) {
    terminal.print(JSON.stringify(searchJson(shown, result)));
    return exitCodes.ok;
  }
  for (const line of renderSearch(result)) terminal.print(line);
  return exitCodes.ok;
}

/** All that is asked of documents and of the rows of tables. */
function filterOf({ filter, cell = [] }: Pick<SearchOptions, 'filter' | 'cell'>) {
  const ofDocuments = filter === undefined ? [] : [readSearchFilter(filter)];
  const ofRows: SearchFilter[] = cell.length === 0 ? [] : [{ cells: readCells(cell) }];
  const all = [...ofDocuments, ...ofRows];
  const [only] = all;
  if (only === undefined) return {};
  return { filter: all.length === 1 ? only : { and: all } };
}

/** What `search --json` prints; documented in docs/cli.md. */
export const searchJson = (query: string, { hits, ...result }: SearchQuery['search']): unknown =>
  plain({ query, ...result, hits: hits.nodes });

/** The result for people, a line at a time. */
export function renderSearch(result: SearchQuery['search']): string[] {
  const lines = result.hits.nodes.flatMap(({ rank, score, parts, chunk, highlights }) => {
    const scored = [
      `dense ${number(parts.dense)}`,
      `sparse ${number(parts.sparse)}`,
      ...(parts.visual === null ? [] : [`visual ${number(parts.visual)}`]),
      ...(parts.sound === null ? [] : [`sound ${number(parts.sound)}`]),
      ...(parts.relevance === null ? [] : [`relevance ${number(parts.relevance)}`]),
      `fused ${number(parts.fused)}`,
      ...(parts.boost === 1 ? [] : [`boost ${number(parts.boost)}`]),
      ...(parts.rerank === null ? [] : [`rerank ${number(parts.rerank)}`]),
    ].join(', ');
    if (chunk === null) return [`${rank}. (deleted since)`, ''];
    const { document, locator, modality } = chunk;
    const kind = modality === 'TEXT' ? '' : ` [${modality.toLowerCase()}]`;
    return [
      `${rank}. ${document.title}, ${renderLocator(locator)}${kind}`,
      `   score ${number(score)} (${scored})`,
      `   ${[document.source, document.id].filter((part) => part !== null).join(' · ')}`,
      ...(chunk.text === null || chunk.text === ''
        ? []
        : [`   ${excerptAround(chunk.text, highlights, 300)}`]),
      '',
    ];
  });
  const found = lines.length === 0 ? 'Nothing found' : count(result.hits.nodes.length, 'passage');
  return [...lines, `${found} in ${renderMs(result.tookMs)}. ${renderCoverage(result.coverage)}.`];
}

const number = (value: number | null): string => (value === null ? '–' : value.toPrecision(4));
