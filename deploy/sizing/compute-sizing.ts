import type { Figures } from './figures.ts';

const giB = 1024 ** 3;
const hoursPerMonth = 730;

export type TextIndex = 'IVF_FLAT' | 'IVF_PQ' | 'HNSW';

/** What so many vectors need. */
export interface Sizing {
  readonly vectors: number;
  readonly index: TextIndex;
  readonly replicas: number;
  /** Memory of Milvus's query nodes, all replicas together, in GiB. */
  readonly queryMemoryGiB: number;
  readonly queryNodes: number;
  /** Processor cores, with room: those that encode, for as long as all of it is ingested; those that serve. */
  readonly encodeCores: number;
  readonly encodeCoreHours: number;
  readonly retrievalCores: number;
  readonly gatewayCores: number;
  /** Nodes of 16 cores for all of our services and Milvus's other parts, without those that encode. */
  readonly serviceNodes: number;
  readonly databaseGiB: number;
  readonly objectGiB: number;
  /** US dollars a month, once all of it is ingested; and once, for encoding. */
  readonly dollarsPerMonth: number;
  readonly dollarsToEncode: number;
}

/**
 * Sizes a deployment. Every line is one sum of `docs/cluster/sizing.md`.
 *
 * @param vectors how many passages of text.
 * @param searchesPerSecond at the busiest, none of them answered by the cache.
 */
export function computeSizing(
  figures: Figures,
  { vectors, searchesPerSecond }: { readonly vectors: number; readonly searchesPerSecond: number },
  wanted?: TextIndex,
): Sizing {
  const { measured, counted, assumed, nodes, prices } = figures;
  const usable = assumed.usable.value;
  const index = wanted ?? (vectors >= assumed.ivfPqFrom.value ? 'IVF_PQ' : 'IVF_FLAT');
  const bytesOfIndex = {
    IVF_FLAT: counted.bytesOfIvfFlat,
    IVF_PQ: counted.bytesOfIvfPq,
    HNSW: counted.bytesOfHnsw,
  };
  const replicas = vectors <= 1_000_000 ? 1 : assumed.replicas.value;

  const bytesInMemory = vectors * (bytesOfIndex[index].value + counted.bytesOfFields.value) * replicas;
  const queryMemoryGiB = bytesInMemory / giB;
  const queryNodes = Math.max(replicas, Math.ceil(queryMemoryGiB / (nodes.memory.memoryGiB * usable)));

  const encodeSeconds = vectors * measured.encodeSecondsPerPassage.value;
  const encodeCores = Math.ceil(encodeSeconds / (assumed.daysToIngest.value * 86_400 * usable));
  const retrievalCores = Math.ceil((searchesPerSecond * measured.retrievalSecondsPerSearch.value) / usable);
  const gatewayCores = Math.ceil((searchesPerSecond * measured.gatewaySecondsPerRequest.value) / usable);
  // Two of each service at the least, and Milvus's proxies, coordinators and data nodes beside them: a node of its own
  // from ten million on, and one for every hundred million.
  const milvusNodes = vectors < 10_000_000 ? 0 : Math.max(1, Math.ceil(vectors / 100_000_000));
  const ownCores = Math.max(retrievalCores + gatewayCores, 4) + 6;
  const serviceNodes = Math.max(
    replicas === 1 ? 1 : 3,
    Math.ceil(ownCores / nodes.general.cores) + milvusNodes,
  );

  const documents = vectors / assumed.chunksPerDocument.value;
  const databaseBytes =
    vectors * measured.databaseBytesPerChunk.value + documents * measured.databaseBytesPerDocument.value;
  const databaseGiB = (databaseBytes * assumed.databaseHeadroom.value) / giB;
  const vectorBytes = vectors * (counted.bytesOfVector.value + counted.bytesOfFields.value);
  const objectGiB =
    (vectorBytes * assumed.objectCopies.value + vectors * assumed.blobBytesPerChunk.value) / giB;

  const dollarsPerMonth =
    hoursPerMonth *
      (queryNodes * prices.memoryNodeHour + (serviceNodes + prices.databaseFactor) * prices.generalNodeHour) +
    databaseGiB * prices.diskGiBMonth * 2 +
    objectGiB * prices.objectGiBMonth;
  const encodeCoreHours = encodeSeconds / 3600;
  const dollarsToEncode = (encodeCoreHours / usable / nodes.general.cores) * prices.generalNodeHour;
  return {
    ...{ vectors, index, replicas, queryMemoryGiB, queryNodes, encodeCores, encodeCoreHours },
    ...{ retrievalCores, gatewayCores, serviceNodes, databaseGiB, objectGiB },
    ...{ dollarsPerMonth, dollarsToEncode },
  };
}
