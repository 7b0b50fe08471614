import { TributaryError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { CollectionName } from '../ports/vector-store.ts';
import { type MilvusCapabilities, type MilvusIndexType, milvusCapabilities } from './milvus-capabilities.ts';
import type { MilvusAddress, MilvusConnection } from './milvus-client.ts';
import { MilvusCollections } from './milvus-collections.ts';
import { MilvusMaintenance } from './milvus-maintenance.ts';

export interface MilvusOptions extends MilvusAddress {
  readonly logger: Logger;
  /** How many query nodes hold each collection in memory. */
  readonly replicas: number;
  /** Over how many partitions the tenants of a new collection are spread. */
  readonly partitions: number;
  readonly textIndex: 'auto' | MilvusIndexType;
  readonly imageIndex: MilvusIndexType;
  /** From how many vectors of text on `auto` is IVF_PQ. */
  readonly ivfPqFrom: number;
  /** Whether to refuse a server that cannot search by words. */
  readonly requireSparse: boolean;
  /** After so long without a search a cold collection is released from memory, in milliseconds. */
  readonly coldReleaseMs: number;
  /** How long to wait for the server at the start, in milliseconds; 20,000 by default. */
  readonly openTimeoutMs?: number;
}

/** A server that was asked what it can do. */
export interface MilvusBackend {
  readonly capabilities: MilvusCapabilities;
  readonly collections: MilvusCollections;
  readonly maintenance: MilvusMaintenance;
}

/** @throws TributaryError where the server cannot do what the configuration asks for. */
function assertServes(
  { version, sparse, indexTypes }: MilvusCapabilities,
  { requireSparse, textIndex, imageIndex }: MilvusOptions,
): void {
  const refuse = (reason: string, message: string) =>
    new TributaryError('UPSTREAM', message, { service: 'milvus', reason });
  if (requireSparse && !sparse) {
    throw refuse(
      'NO_SPARSE',
      `Milvus ${version} cannot search by words, and \`TRIBUTARY_REQUIRE_SPARSE\` asks for it. Upgrade Milvus to 2.5 or later, or set it to false.`,
    );
  }
  const asked = [
    ['TRIBUTARY_MILVUS_TEXT_INDEX', textIndex],
    ['TRIBUTARY_MILVUS_IMAGE_INDEX', imageIndex],
  ] as const;
  for (const [variable, type] of asked) {
    if (type === 'auto' || indexTypes.includes(type)) continue;
    throw refuse(
      'NO_SUCH_INDEX',
      `Milvus ${version} has no index ${type}, which \`${variable}\` asks for. It has ${indexTypes.join(', ')}.`,
    );
  }
}

/**
 * Asks a server what it can do, and looks after its collections from then on.
 *
 * @throws TributaryError `UPSTREAM` where it is too old, or cannot do what the configuration asks for.
 */
export async function openMilvusBackend(
  connection: MilvusConnection,
  options: MilvusOptions,
): Promise<MilvusBackend> {
  const { logger, replicas, partitions, textIndex, imageIndex, coldReleaseMs } = options;
  const capabilities = milvusCapabilities(await connection.version());
  assertServes(capabilities, options);
  const indexOf = (family: CollectionName['family']): MilvusIndexType =>
    family === 'text' ? (textIndex === 'auto' ? 'IVF_FLAT' : textIndex) : imageIndex;
  const layout = { replicas, partitions, indexOf };
  const collections = new MilvusCollections(connection, capabilities, layout, logger);
  const ivfPqFrom = textIndex === 'auto' ? options.ivfPqFrom : Number.POSITIVE_INFINITY;
  const maintenance = new MilvusMaintenance({
    ...{ connection, capabilities, collections, logger, ivfPqFrom, coldReleaseMs },
  });
  return { capabilities, collections, maintenance };
}
