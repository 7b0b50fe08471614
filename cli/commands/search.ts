import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { type SearchMode, SearchOperation, type SearchQuery } from '../operations.generated.ts';
import { plain } from '../plain.ts';
import { count, excerptAround, renderCoverage, renderLocator, renderMs } from '../render.ts';
import { readSearchFilter } from '../search-filter.ts';

export interface SearchOptions {
  readonly top: number;
  readonly mode: SearchMode;
  readonly filter?: string | undefined;
  readonly includeCold?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `tributary search`: prints passages with their score and its parts, best first. */
export async function search(
  { client, terminal, signal }: CommandContext,
  text: string,
  options: SearchOptions,
): Promise<ExitCode> {
  const { search: result } = await client.execute(
    SearchOperation,
    {
      input: {
        text,
        first: options.top,
        mode: options.mode,
        ...(options.includeCold === true ? { includeCold: true } : {}),
        ...(options.filter === undefined ? {} : { filter: readSearchFilter(options.filter) }),
      },
    },
    signal,
  );
  if (options.json) {
    terminal.print(JSON.stringify(searchJson(text, result)));
    return exitCodes.ok;
  }
  for (const line of renderSearch(result)) terminal.print(line);
  return exitCodes.ok;
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
    const { document, locator } = chunk;
    return [
      `${rank}. ${document.title}, ${renderLocator(locator)}`,
      `   score ${number(score)} (${scored})`,
      `   ${[document.source, document.id].filter((part) => part !== null).join(' · ')}`,
      `   ${excerptAround(chunk.text ?? '', highlights, 300)}`,
      '',
    ];
  });
  const found = lines.length === 0 ? 'Nothing found' : count(result.hits.nodes.length, 'passage');
  return [...lines, `${found} in ${renderMs(result.tookMs)}. ${renderCoverage(result.coverage)}.`];
}

const number = (value: number | null): string => (value === null ? '–' : value.toPrecision(4));
