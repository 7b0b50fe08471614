import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../deploy/cluster/start-cluster.ts';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import { countEncoded } from './count-encoded.ts';
import { EncoderOperations, type Migration, type Quality } from './encoder-operations.ts';
import { findFaults } from './find-faults.ts';
import { findVectorFaults } from './find-vector-faults.ts';
import { followMigration } from './follow-migration.ts';
import { Library } from './library.ts';
import { makePlan } from './make-plan.ts';
import { type MigrationLoadFigures, type SearchedDocument, startMigrationLoad } from './migration-load.ts';
import { openEncoders } from './open-encoders.ts';
import { openStores } from './open-stores.ts';
import { seeded } from './seeded.ts';
import { Writers } from './write-plan.ts';

export interface EncoderOptions {
  readonly seed: number;
  /** How many documents are put in, changed and deleted; a quarter as many again stay as they are. */
  readonly documents: number;
  /** How many workers are killed while passages are encoded. */
  readonly kills: number;
  /** Whether the migration is finished in the end, so that the old vectors are removed: it takes over a minute. */
  readonly finish: boolean;
  readonly tell?: (line: string) => void;
}

/** What a campaign of an encoder migration has found. */
export interface EncoderFigures extends MigrationLoadFigures {
  readonly seed: number;
  readonly documents: number;
  readonly kills: number;
  /** The migration when every passage had both vectors. */
  readonly migration: Migration;
  /** From its start until then, in milliseconds. */
  readonly readyAfterMs: number;
  readonly events: number;
  /** Passages that lacked a vector when it began. */
  readonly missingBefore: number;
  /** Texts that workers encoded from its start until it was ready, by their own count. */
  readonly encodedMeanwhile: number;
  /** The most that it may be: what lacked a vector, what was written meanwhile, and what kills cost. */
  readonly encodedAtMost: number;
  /** The same from then on: switching must encode nothing, and what is written has two vectors. */
  readonly encodedAfterwards: number;
  readonly encodedAfterwardsAtMost: number;
  readonly quality: Quality;
  readonly switches: number;
  readonly acknowledgedWrites: number;
  readonly vectorsRemoved: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

const savedQueries = 10;
/** So many searches of each way are made between two steps at least. */
const searchesBetween = 5;
/** Of what is written, so much is there before; so much is acknowledged when it is ready; the rest is for the switches. */
const shares = { before: 0.6, ready: 0.75, switched: 0.82, back: 0.9 };
const limitMs = { ready: 600_000, finished: 900_000, converged: 60_000 };
/** What one worker may have under way when it dies: two batches of a migration, and its jobs. */
const lostByKill = 2 * 32 + 2 * 8;

/** Migrates from one real encoder to another, there, back and there again, under searches, writes and kills. */
export async function runEncoders(cluster: Cluster, options: EncoderOptions): Promise<EncoderFigures> {
  const { seed, documents, kills, finish, tell = () => {} } = options;
  const random = seeded(seed);
  const begunAt = Date.now();
  await using stack = new DisposableStack();
  const stores = stack.use(await openStores(cluster));
  const { encoders } = stack.use(await openEncoders(cluster.settings));
  const operations = new EncoderOperations(cluster.url);
  const library = new Library(cluster.url);
  const { staying } = await library.fill(0, Math.ceil(documents / 4));
  const searched: SearchedDocument[] = [];
  for (const document of staying) {
    const hit = (await library.search(document)).find(({ documentId }) => documentId === document.id);
    if (hit === undefined) throw new Error(`${document.source} cannot be found before the migration`);
    searched.push({ ...document, chunkId: hit.chunkId });
  }
  const plan = makePlan(documents, random);
  const writers = new Writers(plan, () => cluster.url);
  stack.defer(() => writers.stop());
  const upTo = (share: number) => Math.ceil(plan.operations.length * share);
  /** Waits until so much is acknowledged, and worked on. */
  const quiet = async (share: number) => {
    while (writers.written.acknowledged < upTo(share) || (await hasJobs(stores))) await delay(100);
  };
  /** Texts that workers encode for what is written between two shares, at most, once for each of two encoders. */
  const textsBetween = (from: number, to: number) =>
    2 * plan.operations.slice(upTo(from), upTo(to)).filter(({ text }) => text !== null).length;

  writers.allow(upTo(shares.before));
  await quiet(shares.before);
  tell(`${staying.length} documents that stay and ${upTo(shares.before)} writes are there`);
  const { sparse } = await stores.vectors.capabilities();
  const load = startMigrationLoad({ url: cluster.url, documents: searched, words: sparse, random });
  stack.defer(() => load.stop());
  const more = async () => {
    const before = load.count();
    while (load.count() < before + searchesBetween) await delay(50);
  };
  await more();

  const encoded = stack.use(countEncoded(cluster));
  const encodedBefore = await encoded.read();
  const known = await operations.list();
  const missingBefore = known.find(({ serving }) => !serving)?.missing ?? 0;
  const startedAt = Date.now();
  const { id, source, target } = await operations.start(
    staying
      .slice(0, savedQueries)
      .map(({ id: documentId, text }) => ({ text, relevantDocumentIds: [documentId] })),
  );
  const followed = stack.use(followMigration(cluster.url, id, limitMs.finished));
  writers.allow(upTo(shares.ready));
  for (let kill = 0; kill < kills; kill++) {
    // The moment of the kill is what is tried here, not something that is waited for.
    await delay(300 + random.next() * 1500);
    const worker = random.pick(cluster.services.workers);
    await worker.crash();
    tell(`${worker.name} was killed`);
  }
  const migration = await followed.reached('READY');
  const readyAfterMs = Date.now() - startedAt;
  await cluster.untilReady(AbortSignal.timeout(120_000));
  await quiet(shares.ready);
  const encodedReady = await encoded.read();
  tell(`ready after ${readyAfterMs} ms: ${JSON.stringify(migration)}`);
  const quality = await operations.quality(id, Math.min(savedQueries, staying.length));

  const steps = [
    { fingerprint: target, share: shares.switched },
    { fingerprint: source, share: shares.back },
    { fingerprint: target, share: 1 },
  ];
  for (const { fingerprint, share } of steps) {
    await operations.switchTo(fingerprint);
    writers.allow(upTo(share));
    await more();
    await quiet(share);
    tell(`switched to ${fingerprint}`);
  }
  await writers.finish();
  const encodedEnd = await encoded.read();
  const ended = finish ? await operations.finish(id).then(() => followed.reached('FINISHED')) : migration;
  await more();
  await load.stop();

  const kept = finish ? encoders.filter(({ description }) => description.fingerprint === target) : encoders;
  const expected = new Map([...plan.expected, ...staying.map((one) => [one.source, one.text] as const)]);
  const deadline = Date.now() + limitMs.converged;
  let found: string[];
  do {
    found = await findFaults(stores, expected);
    if (found.length === 0) found = await findVectorFaults(stores, kept);
    if (found.length > 0) await delay(500);
  } while (found.length > 0 && Date.now() < deadline);

  const figures = load.figures();
  const counted = {
    encodedMeanwhile: encodedReady - encodedBefore,
    encodedAtMost:
      missingBefore +
      textsBetween(shares.before, shares.ready) +
      // What was encoded of a document that was changed in that moment is made again.
      (upTo(shares.ready) - upTo(shares.before)) +
      kills * lostByKill,
    encodedAfterwards: encodedEnd - encodedReady,
    encodedAfterwardsAtMost: textsBetween(shares.ready, 1),
  };
  return {
    ...{ seed, documents, kills, migration, readyAfterMs, missingBefore, quality, ...counted, ...figures },
    events: followed.events,
    switches: steps.length,
    acknowledgedWrites: writers.written.acknowledged,
    vectorsRemoved: ended.vectorsRemoved,
    seconds: Math.round((Date.now() - begunAt) / 1000),
    faults: [
      ...writers.written.wrong,
      ...figures.failures,
      ...followed.faults,
      ...countFaults(migration, missingBefore, counted),
      ...(finish && ended.vectorsRemoved < expected.size
        ? [`${ended.vectorsRemoved} of ${expected.size} old vectors were removed`]
        : []),
      ...found,
    ],
  };
}

const hasJobs = async ({ database }: Awaited<ReturnType<typeof openStores>>): Promise<boolean> =>
  database.forWorker(async (client) => {
    const { rows } = await client.query<{ waits: boolean }>(
      `select exists (select from jobs where state in ('QUEUED', 'RUNNING')) as waits`,
    );
    return rows[0]?.waits === true;
  });

/** Nothing may be encoded that has a vector, but for what a kill makes be done twice. */
function countFaults(
  { passagesTotal, passagesEncoded, failures }: Migration,
  missingBefore: number,
  counted: Pick<
    EncoderFigures,
    'encodedMeanwhile' | 'encodedAtMost' | 'encodedAfterwards' | 'encodedAfterwardsAtMost'
  >,
): string[] {
  const faults: string[] = [];
  if (passagesEncoded !== passagesTotal)
    faults.push(`${passagesEncoded} of ${passagesTotal} passages encoded`);
  if (passagesTotal > missingBefore)
    faults.push(`${passagesTotal} passages were to be encoded, and ${missingBefore} lacked a vector`);
  if (failures > 0) faults.push(`${failures} batches failed`);
  if (counted.encodedMeanwhile < passagesEncoded || counted.encodedMeanwhile > counted.encodedAtMost)
    faults.push(`${counted.encodedMeanwhile} texts were encoded, at most ${counted.encodedAtMost} had to be`);
  if (counted.encodedAfterwards > counted.encodedAfterwardsAtMost)
    faults.push(
      `${counted.encodedAfterwards} texts were encoded after it was ready, at most ${counted.encodedAfterwardsAtMost} had to be`,
    );
  return faults;
}
