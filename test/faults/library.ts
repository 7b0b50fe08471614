import { setTimeout as delay } from 'node:timers/promises';
import { ask, NotAcknowledged } from './ask.ts';

/** A document with one passage, and a word that stands nowhere else. */
export interface LibraryDocument {
  readonly source: string;
  readonly text: string;
  readonly mark: string;
  readonly id: string;
}

/** A document that is to be deleted, and what was made of it before. */
export interface DoomedDocument extends LibraryDocument {
  chunkId?: string;
  answerId?: string;
}

const ingest = /* GraphQL */ `
  mutation ($text: String!, $source: String!) {
    ingestDocument(input: { text: $text, source: $source }) {
      __typename
      ... on IngestJob { document { id } }
      ... on Problem { code message }
    }
  }
`;
const search = /* GraphQL */ `
  query ($text: String!, $source: String!) {
    search(input: { text: $text, first: 20, filter: { sources: [$source] } }) { hits { nodes { chunk { id text document { id } } } } }
  }
`;
const answer = /* GraphQL */ `
  subscription ($id: ID) {
    answer(id: $id) {
      __typename
      ... on RetrievalProgress { hits { chunk { id text } } }
      ... on TokenDelta { text }
      ... on CitationAdded { citation { quote chunk { id text } } }
      ... on AnswerCompleted { answer { text citations { quote } } }
    }
  }
`;

interface Hit {
  readonly chunk: {
    readonly id: string;
    readonly text: string;
    readonly document: { readonly id: string };
  } | null;
}

const clients = 6;

/** A library of short documents at a gateway. */
export class Library {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Puts documents in and waits until all of them can be found. */
  async fill(doomedCount: number, stayingCount: number) {
    const documents: DoomedDocument[] = [];
    const numbers = Array.from({ length: doomedCount + stayingCount }, (_, number) => number);
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
          documents[number] = await this.#add(number);
        }
      }),
    );
    await this.#untilSearchable(documents.length);
    return {
      doomed: documents.slice(0, doomedCount),
      staying: documents.slice(doomedCount) as readonly LibraryDocument[],
    };
  }

  /** Searches for a document. The question does not hold its mark: where that is read, it comes from the document. */
  async search({
    source,
  }: LibraryDocument): Promise<{ chunkId: string; documentId: string; text: string }[]> {
    const found = await ask<{ search: { hits: { nodes: Hit[] } } }>(this.#url, search, {
      text: `What is the mark of ${source}?`,
      source,
    });
    return found.search.hits.nodes.flatMap(({ chunk }) =>
      chunk === null ? [] : [{ chunkId: chunk.id, documentId: chunk.document.id, text: chunk.text }],
    );
  }

  /** Searches for a document twice, so that the result is remembered, and makes an answer that quotes it. */
  async remember(document: DoomedDocument): Promise<void> {
    await this.search(document);
    const hit = (await this.search(document)).find(({ documentId }) => documentId === document.id);
    if (hit === undefined) throw new Error(`${document.source} cannot be found before it is deleted`);
    document.chunkId = hit.chunkId;
    const { ask: begun } = await ask<{ ask: { id?: string; message?: string } }>(
      this.#url,
      `mutation ($question: String!, $source: String!) {
         ask(input: { question: $question, style: EXTRACTIVE, filter: { sources: [$source] } }) {
           ... on Answer { id } ... on Problem { message }
         }
       }`,
      { question: `What is the mark of ${document.source}?`, source: document.source },
    );
    if (begun.id === undefined) throw new Error(`an answer was refused: ${begun.message}`);
    document.answerId = begun.id;
    // It ends when the answer does.
    if (!(await this.#replay(begun.id)).includes(document.mark)) {
      throw new Error(`the answer about ${document.source} does not quote it`);
    }
  }

  /** What can still be seen of a deleted document, in every way that there is to ask for it. */
  async findTraces(document: DoomedDocument): Promise<string[]> {
    const { id, chunkId, answerId, mark, source } = document;
    const traces: string[] = [];
    if (
      (await this.search(document)).some(({ documentId, text }) => documentId === id || text.includes(mark))
    ) {
      traces.push(`a search finds ${source} after it was deleted`);
    }
    const seen = await ask<Record<string, object | null>>(
      this.#url,
      `query ($id: ID!, $chunkId: ID!, $answerId: ID!) {
         document(id: $id) { id }
         documentNode: node(id: $id) { id }
         chunkNode: node(id: $chunkId) { ... on Chunk { text } }
         answer(id: $answerId) { text citations { quote chunk { text } } }
       }`,
      { id, chunkId, answerId },
    );
    for (const name of ['document', 'documentNode', 'chunkNode']) {
      if (seen[name] !== null) traces.push(`${name} gives ${source} after it was deleted`);
    }
    if (JSON.stringify(seen.answer).includes(mark)) traces.push(`an answer still quotes ${source}`);
    if ((await this.#replay(answerId)).includes(mark))
      traces.push(`the replay of an answer quotes ${source}`);
    return traces;
  }

  /** All events of an answer, as they are sent. */
  async #replay(id: string | undefined): Promise<string> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: answer, variables: { id } }),
      signal: AbortSignal.timeout(30_000),
    });
    return response.text();
  }

  async #add(number: number): Promise<DoomedDocument> {
    const source = `ledger ${number}`;
    // Long enough not to stand in a signature or a vector by chance.
    const mark = `Quartz${String(number).padStart(6, '0')}Zebra`;
    const text = `Entry ${number} of the harbour office. The mark of ${source} is ${mark}.`;
    for (;;) {
      const { ingestDocument } = await ask<{
        ingestDocument: { __typename: string; document?: { id: string }; message?: string };
      }>(this.#url, ingest, { text, source }, 30_000).catch((error: unknown) => {
        if (error instanceof NotAcknowledged) return { ingestDocument: { __typename: 'Busy' } };
        throw error;
      });
      const { __typename, document, message } = ingestDocument as typeof ingestDocument & {
        document?: { id: string };
        message?: string;
      };
      if (document) return { source, mark, text, id: document.id };
      if (__typename !== 'Busy') throw new Error(`${source} was refused: ${message}`);
      await delay(100);
    }
  }

  async #untilSearchable(count: number): Promise<void> {
    for (;;) {
      const { documents } = await ask<{ documents: { totalCount: number } }>(
        this.#url,
        '{ documents(filter: { states: [SEARCHABLE] }, first: 1) { totalCount } }',
        {},
        30_000,
      );
      if (documents.totalCount >= count) return;
      await delay(250);
    }
  }
}
