import { setTimeout as delay } from 'node:timers/promises';
import { ask, NotAcknowledged } from './ask.ts';
import type { Operation, Plan } from './make-plan.ts';

const ingest = /* GraphQL */ `
  mutation ($text: String!, $source: String!) {
    ingestDocument(input: { text: $text, source: $source }) {
      __typename
      ... on IngestJob { document { id } }
      ... on Problem { code message }
    }
  }
`;
const remove = /* GraphQL */ `
  mutation ($id: ID!) { deleteDocument(id: $id) { __typename ... on DeletionReceipt { id } ... on Problem { code message } } }
`;

interface Outcome {
  readonly __typename: string;
  readonly id?: string;
  readonly document?: { readonly id: string };
  readonly code?: string;
  readonly message?: string;
}

/** What the writers have done so far. */
export interface Written {
  acknowledged: number;
  /** Attempts that nobody answered, or that were answered with an error: each was made again. */
  repeated: number;
  /** How long the longest operation took with all its attempts, in milliseconds. */
  longestMs: number;
  /** What was answered that may never be. */
  readonly wrong: string[];
  /** The receipts of all deletions. */
  readonly receipts: string[];
}

/** Clients that will not give up: each operation is tried until it was acknowledged. */
export class Writers {
  readonly written: Written = { acknowledged: 0, repeated: 0, longestMs: 0, wrong: [], receipts: [] };
  readonly #plan: Plan;
  readonly #url: () => string;
  readonly #ids = new Map<string, string>();
  readonly #lastOf = new Map<string, Promise<void>>();
  readonly #running: Promise<void>[];
  readonly #stop = new AbortController();
  #next = 0;
  #allowed = 0;
  #wake: () => void = () => {};
  #changed: Promise<void>;

  constructor(plan: Plan, url: () => string, clients = 4) {
    this.#plan = plan;
    this.#url = url;
    this.#changed = this.#renew();
    this.#running = Array.from({ length: clients }, () => this.#run());
  }

  /** Lets the writers go on up to this many operations. */
  allow(operations: number): void {
    this.#allowed = Math.min(operations, this.#plan.operations.length);
    const wake = this.#wake;
    this.#changed = this.#renew();
    wake();
  }

  /** Resolves when every operation of the plan was acknowledged. */
  async finish(): Promise<void> {
    this.allow(this.#plan.operations.length);
    await Promise.all(this.#running);
  }

  /** Gives up. */
  stop(): void {
    this.#stop.abort();
    this.#wake();
  }

  #renew(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      while (this.#next >= this.#allowed) {
        if (this.#next >= this.#plan.operations.length || this.#stop.signal.aborted) return;
        await this.#changed;
      }
      const operation = this.#plan.operations[this.#next++];
      if (operation === undefined) return;
      // What is done to one document is done in its order.
      const before = this.#lastOf.get(operation.source) ?? Promise.resolve();
      const done = before.then(() => this.#untilAcknowledged(operation));
      this.#lastOf.set(operation.source, done);
      await done;
    }
  }

  async #untilAcknowledged(operation: Operation): Promise<void> {
    const begunAt = performance.now();
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        await this.#try(operation, attempt > 0);
        this.written.acknowledged++;
        this.written.longestMs = Math.max(this.written.longestMs, performance.now() - begunAt);
        return;
      } catch (error) {
        if (!(error instanceof NotAcknowledged)) throw error;
        this.written.repeated++;
        await delay(50);
      }
    }
  }

  async #try({ source, text }: Operation, mayBeDone: boolean): Promise<void> {
    if (text !== null) {
      const { ingestDocument } = await ask<{ ingestDocument: Outcome }>(this.#url(), ingest, {
        text,
        source,
      });
      if (ingestDocument.document) this.#ids.set(source, ingestDocument.document.id);
      else this.#refused(`putting in ${source}`, ingestDocument);
      return;
    }
    const id = this.#ids.get(source);
    const { deleteDocument } = await ask<{ deleteDocument: Outcome }>(this.#url(), remove, { id });
    if (deleteDocument.id !== undefined) this.written.receipts.push(deleteDocument.id);
    // An attempt that nobody answered may have been the one that did it.
    else if (!(mayBeDone && deleteDocument.__typename === 'NotFound'))
      this.#refused(`deleting ${source}`, deleteDocument);
  }

  #refused(what: string, { __typename, code, message }: Outcome): void {
    if (__typename === 'Busy') throw new NotAcknowledged(message ?? '', code ?? null);
    this.written.wrong.push(`${what}: ${__typename} ${code} ${message}`);
  }
}
