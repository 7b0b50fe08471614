import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Judgements } from '../platform/evaluation/metrics.ts';

/** One document of a collection. */
export interface CorpusDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** One query with its judgements. */
export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  readonly judgements: Judgements;
}

/** A retrieval collection. */
export interface Collection {
  readonly documents: readonly CorpusDocument[];
  /** The queries that have judgements, in the order of the file. */
  readonly queries: readonly JudgedQuery[];
}

/** A folder is not a collection in BEIR layout. The message says what is missing or wrong, and where. */
export class CollectionError extends Error {
  override readonly name = 'CollectionError';
}

const Id = z.union([z.string(), z.number()]).transform(String);
const Document = z.object({
  _id: Id,
  title: z.string().nullish(),
  text: z.string().nullish(),
});
const Query = z.object({ _id: Id, text: z.string() });

/**
 * Reads a folder in BEIR layout: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
 * `qrels.tsv` (query id, document id, relevance; separated by tabs, a header line may come first).
 *
 * @throws CollectionError where a file is missing or a line is wrong.
 */
export async function readCollection(folder: string): Promise<Collection> {
  const judgements = new Map<string, Map<string, number>>();
  await eachLine(join(folder, 'qrels.tsv'), (line, number) => {
    const [query, document, relevance, ...more] = line.split('\t');
    if (query === undefined || document === undefined || relevance === undefined || more.length > 0) {
      throw new CollectionError('it has not three columns separated by tabs');
    }
    const value = Number(relevance);
    if (number === 1 && Number.isNaN(value)) return; // The header.
    if (!Number.isInteger(value)) throw new CollectionError(`"${relevance}" is not a whole number`);
    const ofQuery = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, ofQuery.set(document, value));
  });
  const documents: CorpusDocument[] = [];
  await eachLine(join(folder, 'corpus.jsonl'), (line) => {
    const { _id, title, text } = Document.parse(JSON.parse(line));
    documents.push({ id: _id, title: title ?? '', text: text ?? '' });
  });
  const queries: JudgedQuery[] = [];
  await eachLine(join(folder, 'queries.jsonl'), (line) => {
    const { _id, text } = Query.parse(JSON.parse(line));
    const ofQuery = judgements.get(_id);
    if (ofQuery !== undefined) queries.push({ id: _id, text, judgements: ofQuery });
  });
  if (documents.length === 0) throw new CollectionError(`${join(folder, 'corpus.jsonl')} has no documents.`);
  if (queries.length === 0) {
    throw new CollectionError(`No query of ${join(folder, 'queries.jsonl')} is judged in qrels.tsv.`);
  }
  return { documents, queries };
}

async function eachLine(path: string, use: (line: string, number: number) => void): Promise<void> {
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      number++;
      if (line.trim() !== '') use(line, number);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new CollectionError(
        `There is no ${path}. A collection is a folder with corpus.jsonl, queries.jsonl and qrels.tsv.`,
      );
    }
    throw new CollectionError(`${path}, line ${number}: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
