import type { Candidate } from './types.ts';

/** The weight of a document's passages beside the passage's own score. */
const documentWeight = 0.3;

/**
 * The candidates of one list in the order of their weighed scores, equal ones by their ids: a passage's own
 * score, and with less weight the mean of those of its document's passages in the list. A passage on its own
 * theme in a document that is about something else falls behind one whose document bears it out (Callan,
 * "Passage-Level Evidence in Document Retrieval", SIGIR 1994). The scores themselves stay as they were found.
 */
export function weighDocuments(candidates: readonly Candidate[]): Candidate[] {
  const documents = new Map<string, { sum: number; count: number }>();
  for (const { documentId, score } of candidates) {
    const document = documents.get(documentId) ?? { sum: 0, count: 0 };
    documents.set(documentId, { sum: document.sum + score, count: document.count + 1 });
  }
  return candidates
    .map((candidate) => {
      const { sum, count } = documents.get(candidate.documentId) ?? { sum: candidate.score, count: 1 };
      return { candidate, weighed: (1 - documentWeight) * candidate.score + (documentWeight * sum) / count };
    })
    .sort((a, b) => b.weighed - a.weighed || (a.candidate.chunkId < b.candidate.chunkId ? -1 : 1))
    .map(({ candidate }) => candidate);
}
