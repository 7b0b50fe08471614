import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../deploy/cluster/start-cluster.ts';
import { ask } from './ask.ts';
import { findFaults } from './find-faults.ts';
import { findRemains } from './find-remains.ts';
import { type DoomedDocument, Library } from './library.ts';
import { openStores } from './open-stores.ts';
import { type Seeded, seeded } from './seeded.ts';

export interface DeletionOptions {
  readonly seed: number;
  /** How many documents are deleted; a tenth as many again stay. */
  readonly documents: number;
  /** With how many of them answers are made and searches remembered before, to look at them afterwards. */
  readonly watched: number;
  readonly tell?: (line: string) => void;
}

/** What a campaign of deletion has found. */
export interface DeletionFigures {
  readonly seed: number;
  readonly documents: number;
  readonly watched: number;
  /** How long a deletion took to be acknowledged, in milliseconds. */
  readonly acknowledgedAfterMs: { readonly median: number; readonly longest: number };
  /** How long the purge of all stores took from when the deletion was asked for, by the receipts, in milliseconds. */
  readonly purgedAfterMs: { readonly median: number; readonly longest: number };
  /** How many things the receipts say were removed, by store. */
  readonly removed: Readonly<Record<string, number>>;
  /** Searches by the load meanwhile, and how many of them failed. */
  readonly searches: number;
  readonly failedSearches: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

const deleters = 16;
const searchers = 3;
/** Within so long everything must be gone, in milliseconds. */
const purgeLimitMs = 5 * 60_000;

const remove = /* GraphQL */ `
  mutation ($id: ID!) { deleteDocument(id: $id) { __typename ... on DeletionReceipt { id unfindableAt } } }
`;
const receiptOf = /* GraphQL */ `
  query ($id: ID!) {
    deletionReceipt(id: $id) { id documentId requestedAt unfindableAt purgedAt signature stores { store removed purgedAt } }
  }
`;
interface Receipt {
  readonly id: string;
  readonly documentId: string;
  readonly requestedAt: string;
  readonly purgedAt: string | null;
  readonly signature: string | null;
  readonly stores: readonly {
    readonly store: string;
    readonly removed: number;
    readonly purgedAt: string | null;
  }[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Deletes most of a library under a load of searches, and looks for what is left of it, everywhere. */
export async function runDeletion(cluster: Cluster, options: DeletionOptions): Promise<DeletionFigures> {
  const { seed, documents, watched, tell = () => {} } = options;
  const random = seeded(seed);
  const begunAt = Date.now();
  const faults: string[] = [];
  const library = new Library(cluster.url);
  const { doomed, staying } = await library.fill(documents, Math.ceil(documents / 10));
  tell(`${documents} documents are there after ${Math.round((Date.now() - begunAt) / 1000)} s`);
  const watch = doomed.slice(0, watched);
  for (const document of watch) await library.remember(document);
  tell(`${watched} of them were searched for and answered with`);

  const load = startLoad(library, doomed, random, faults);
  const waits: number[] = [];
  const receipts = new Map<string, string>();
  const rest = [...doomed].sort(() => random.next() - 0.5);
  await Promise.all(
    Array.from({ length: deleters }, async () => {
      for (let document = rest.pop(); document !== undefined; document = rest.pop()) {
        const at = performance.now();
        const { deleteDocument } = await ask<{ deleteDocument: { __typename: string; id?: string } }>(
          cluster.url,
          remove,
          { id: document.id },
          60_000,
        );
        waits.push(performance.now() - at);
        if (deleteDocument.id === undefined) {
          faults.push(`deleting ${document.source} gave ${deleteDocument.__typename}`);
          continue;
        }
        load.gone.add(document.id);
        receipts.set(document.id, deleteDocument.id);
        if (document.answerId !== undefined) faults.push(...(await library.findTraces(document)));
        if (receipts.size % 1000 === 0) tell(`${receipts.size} deleted`);
      }
    }),
  );
  tell('all are deleted; waiting for the purge');

  const purges: number[] = [];
  const removed: Record<string, number> = {};
  const publicKey = await fetchReceiptKey(cluster.url);
  for (const [documentId, receiptId] of receipts) {
    const receipt = await untilPurged(cluster.url, receiptId);
    if (receipt?.purgedAt == null) {
      faults.push(`${documentId} was not purged within ${purgeLimitMs / 1000} s`);
      break;
    }
    const took = Date.parse(receipt.purgedAt) - Date.parse(receipt.requestedAt);
    purges.push(took);
    if (took > purgeLimitMs) faults.push(`the purge of ${documentId} took ${took} ms`);
    faults.push(...receiptFaults(receipt, documentId, publicKey));
    for (const { store, removed: count } of receipt.stores) removed[store] = (removed[store] ?? 0) + count;
  }
  const searched = await load.stop();

  await using stores = await openStores(cluster);
  faults.push(...(await findFaults(stores, new Map(staying.map(({ source, text }) => [source, text])))));
  faults.push(
    ...(await findRemains(
      cluster,
      watch.map(({ mark }) => mark),
    )),
  );
  for (const document of watch) faults.push(...(await library.findTraces(document)));
  return {
    ...{ seed, documents, watched },
    acknowledgedAfterMs: { median: Math.round(median(waits)), longest: Math.round(Math.max(...waits)) },
    purgedAfterMs: { median: median(purges), longest: Math.max(...purges) },
    removed,
    ...searched,
    seconds: Math.round((Date.now() - begunAt) / 1000),
    faults,
  };
}

async function fetchReceiptKey(url: string): Promise<KeyObject> {
  const response = await fetch(`${url}/v1/receipts/key`);
  return createPublicKey(((await response.json()) as { pem: string }).pem);
}

async function untilPurged(url: string, id: string): Promise<Receipt | null> {
  const deadline = Date.now() + purgeLimitMs;
  for (;;) {
    const { deletionReceipt } = await ask<{ deletionReceipt: Receipt | null }>(
      url,
      receiptOf,
      { id },
      30_000,
    );
    if (deletionReceipt?.purgedAt != null || Date.now() > deadline) return deletionReceipt;
    await delay(100);
  }
}

/** What every receipt must say, and that it was signed. */
function receiptFaults(receipt: Receipt, documentId: string, key: KeyObject): string[] {
  const faults: string[] = [];
  const of = new Map(receipt.stores.map((one) => [one.store, one]));
  for (const store of ['metadata', 'vectors', 'blobs', 'answers']) {
    const one = of.get(store);
    if (one === undefined) faults.push(`the receipt of ${documentId} says nothing of ${store}`);
    else if (one.purgedAt === null) faults.push(`the receipt of ${documentId} gives no time for ${store}`);
    else if (one.removed < 1 && store !== 'answers')
      faults.push(`the receipt of ${documentId} counts no ${store}`);
  }
  if (receipt.documentId !== documentId)
    faults.push(`the receipt of ${documentId} names ${receipt.documentId}`);
  if (receipt.signature === null || !isSigned(receipt, receipt.signature, key)) {
    faults.push(`the receipt of ${documentId} is not signed`);
  }
  return faults;
}

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, canonical(inner)]),
  );
};

function isSigned(receipt: Receipt, signature: string, key: KeyObject): boolean {
  const { signature: _, ...signed } = receipt;
  const bytes = Buffer.from(JSON.stringify(canonical(signed)));
  return verify(null, bytes, key, Buffer.from(signature, 'base64url'));
}

/** Searches for documents of the library until it is stopped; none that was gone when a search began may be found. */
function startLoad(library: Library, doomed: readonly DoomedDocument[], random: Seeded, faults: string[]) {
  const gone = new Set<string>();
  let stopped = false;
  let searches = 0;
  let failedSearches = 0;
  const run = async () => {
    while (!stopped) {
      const document = random.pick(doomed);
      const goneBefore = new Set(gone);
      searches++;
      try {
        for (const { documentId } of await library.search(document)) {
          if (goneBefore.has(documentId)) faults.push(`${documentId} was found after it was deleted`);
        }
      } catch {
        failedSearches++;
      }
    }
  };
  const running = Array.from({ length: searchers }, run);
  return {
    gone,
    async stop() {
      stopped = true;
      await Promise.all(running);
      return { searches, failedSearches };
    },
  };
}
