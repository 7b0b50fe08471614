import { derivedId } from '../../../platform/ids.ts';
import type { Locator, Modality } from '../../../platform/types.ts';
import type { Retriever, RetrieverQuery } from '../retriever.ts';
import type { Coverage, Passage } from '../types.ts';

export const searched: Coverage = {
  complete: true,
  sources: [
    { modality: 'TEXT', method: 'DENSE', status: 'SEARCHED', candidates: 8, tookMs: 1.5, reason: null },
    { modality: 'TEXT', method: 'SPARSE', status: 'SEARCHED', candidates: 5, tookMs: 0.5, reason: null },
  ],
};

export interface ScriptedPassage {
  readonly text: string;
  readonly title?: string;
  readonly document?: string;
  readonly dense?: number;
  readonly modality?: Modality;
  readonly locator?: Locator;
}

/** Passages as a search would give them, best first; each of a document of its own unless it says otherwise. */
export const passagesOf = (scripted: readonly ScriptedPassage[]): Passage[] =>
  scripted.map(({ text, title = 'Manual', document = `document ${text}`, ...rest }, index) => ({
    rank: index + 1,
    score: 1 / (60 + index),
    parts: {
      dense: rest.dense ?? 0.6,
      sparse: null,
      fused: 1 / (60 + index),
      boost: 1,
      rerank: null,
      ranks: null,
    },
    highlights: [],
    chunkId: derivedId('chk', [text]),
    documentId: derivedId('doc', [document]),
    title,
    modality: rest.modality ?? 'TEXT',
    text,
    locator: rest.locator ?? { kind: 'TextRange', start: 1000 * index, end: 1000 * index + text.length },
  }));

/** A retriever that always finds the same; `queries` has what it was asked. */
export function scriptedRetriever(
  passages: readonly Passage[],
  coverage: Coverage = searched,
): Retriever & { readonly queries: RetrieverQuery[] } {
  const queries: RetrieverQuery[] = [];
  return {
    queries,
    async search(_identity, query, signal) {
      signal.throwIfAborted();
      queries.push(query);
      return { passages: passages.slice(0, query.first), coverage };
    },
    async ping() {},
  };
}
