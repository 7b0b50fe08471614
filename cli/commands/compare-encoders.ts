import { mean, ndcg, recall } from '../../platform/evaluation/metrics.ts';
import type { CommandContext } from '../command.ts';
import { CommandFailure, type ExitCode, exitCodes } from '../failure.ts';
import { EncodersOperation, RankDocumentsOperation, type SearchMode } from '../operations.generated.ts';
import { readSavedQueries, type SavedQuery } from '../read-saved-queries.ts';

export interface CompareOptions {
  readonly queries: string;
  readonly mode: SearchMode;
  readonly json?: boolean | undefined;
}

interface FoundDocument {
  readonly id: string;
  readonly source: string | null;
}

/** What one encoder is worth on the saved queries for which it is known what is relevant. */
export interface EncoderFigures {
  readonly fingerprint: string;
  readonly model: string;
  readonly serving: boolean;
  readonly ndcgAt10: number | null;
  readonly recallAt100: number | null;
}

const passages = 200;
const searchesAtOnce = 4;

/** `tributary encoders compare`: searches with every encoder as users do, and compares what is found, by document. */
export async function compareEncoders(
  { client, terminal, signal }: CommandContext,
  { queries: file, mode, json }: CompareOptions,
): Promise<ExitCode> {
  const queries = await readSavedQueries(file);
  const { encoders } = await client.execute(EncodersOperation, {}, signal);
  const kept = encoders
    .filter((encoder) => encoder.kept)
    .sort((a, b) => Number(b.serving) - Number(a.serving));
  const [serving, other] = kept;
  if (serving === undefined || other === undefined) {
    throw new CommandFailure(
      exitCodes.usage,
      'There are no two encoders to compare: start a migration first (tributary encoders migrate).',
    );
  }
  let incomplete = 0;
  const rank = async (text: string, encoder: string): Promise<FoundDocument[]> => {
    const input = { text, mode, first: passages, encoder };
    const { search } = await client.execute(RankDocumentsOperation, { input }, signal);
    if (!search.coverage.complete) incomplete++;
    const documents = search.hits.nodes.flatMap(({ chunk }) => (chunk === null ? [] : [chunk.document]));
    return [...new Map(documents.map((document) => [document.id, document])).values()];
  };
  const rankings = await inTurn(queries, async ({ text }) => ({
    serving: await rank(text, serving.fingerprint),
    other: await rank(text, other.fingerprint),
  }));
  const report = {
    mode,
    queries: queries.length,
    incomplete,
    overlapAt10: average(rankings.map((pair) => overlapAt10(pair.serving, pair.other))),
    meanRankChange: average(rankings.map((pair) => rankChange(pair.serving, pair.other))),
    encoders: [
      {
        ...serving,
        ...figures(
          queries,
          rankings.map((pair) => pair.serving),
        ),
      },
      {
        ...other,
        ...figures(
          queries,
          rankings.map((pair) => pair.other),
        ),
      },
    ].map(
      ({ fingerprint, model, serving: isServing, ndcgAt10, recallAt100 }): EncoderFigures => ({
        ...{ fingerprint, model, serving: isServing, ndcgAt10, recallAt100 },
      }),
    ),
  };
  if (json) {
    terminal.print(JSON.stringify(report));
    return exitCodes.ok;
  }
  for (const { fingerprint, model, serving: isServing, ndcgAt10, recallAt100 } of report.encoders) {
    const measured =
      ndcgAt10 === null || recallAt100 === null
        ? 'nothing is known to be relevant'
        : `nDCG@10 ${ndcgAt10.toFixed(4)}, recall@100 ${recallAt100.toFixed(4)}`;
    terminal.print(`${fingerprint}  ${isServing ? 'serves ' : '       '}  ${model}: ${measured}`);
  }
  terminal.print(
    `${mode.toLowerCase()}, ${queries.length} queries: ${(100 * report.overlapAt10).toFixed(0)} % of the first ten documents are the same; they move by ${report.meanRankChange.toFixed(1)} ranks on average.${incomplete === 0 ? '' : ` ${incomplete} searches were incomplete.`}`,
  );
  return exitCodes.ok;
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const go = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      results[entry[0]] = await work(entry[1]);
    }
  };
  await Promise.all(Array.from({ length: searchesAtOnce }, go));
  return results;
}

function figures(
  queries: readonly SavedQuery[],
  rankings: readonly (readonly FoundDocument[])[],
): { readonly ndcgAt10: number | null; readonly recallAt100: number | null } {
  const measured = queries.flatMap(({ relevantDocumentIds, relevantSources }, index) => {
    const judgements = new Map([...relevantDocumentIds, ...relevantSources].map((name) => [name, 1]));
    if (judgements.size === 0) return [];
    const ranking = (rankings[index] ?? []).map(({ id, source }) =>
      source !== null && judgements.has(source) ? source : id,
    );
    return [
      { ndcgAt10: ndcg(ranking, judgements, 10), recallAt100: recall(ranking, judgements, 100), mrrAt10: 0 },
    ];
  });
  if (measured.length === 0) return { ndcgAt10: null, recallAt100: null };
  const { ndcgAt10, recallAt100 } = mean(measured);
  return { ndcgAt10, recallAt100 };
}

const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

function overlapAt10(first: readonly FoundDocument[], second: readonly FoundDocument[]): number {
  const top = first.slice(0, 10);
  const others = new Set(second.slice(0, 10).map(({ id }) => id));
  return top.length === 0 ? 1 : top.filter(({ id }) => others.has(id)).length / top.length;
}

/** What is not among the other's first hundred counts as its 101st. */
function rankChange(first: readonly FoundDocument[], second: readonly FoundDocument[]): number {
  const places = new Map(second.slice(0, 100).map(({ id }, index) => [id, index]));
  return average(first.slice(0, 10).map(({ id }, index) => Math.abs((places.get(id) ?? 100) - index)));
}
