import { isId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { IngestContext } from '../context.ts';
import { outcome } from '../graphql/outcome.ts';
import { requireScope } from '../http/scopes.ts';
import type { NotificationHub } from '../jobs/notification-hub.ts';
import type { EncoderMigrationEventModel, EncoderMigrationModel } from '../models.ts';
import type { Resolvers } from '../schema.generated.ts';
import { readComparisons, summarize } from './compare-encoders.ts';
import { findMigration, listMigrations } from './encoder-migrations.ts';
import { endMigration } from './end-migration.ts';
import { followMigration } from './follow-migration.ts';
import { listEncoders } from './known-encoders.ts';
import { startMigration } from './start-migration.ts';
import { switchEncoder } from './switch-encoder.ts';

export interface EncoderResolverDependencies {
  readonly database: Database;
  readonly migrationEvents: NotificationHub;
}

/**
 * The resolvers of encoders and their migrations. They are the installation's, not a tenant's: all of them need the
 * scope `admin`, which is good for every tenant.
 */
export function createEncoderResolvers(dependencies: EncoderResolverDependencies) {
  const { database } = dependencies;

  async function migrationById(
    id: string,
    { identity }: IngestContext,
  ): Promise<EncoderMigrationModel | null> {
    requireScope(identity, 'admin');
    return isId('mig', id) ? database.forWorker((client) => findMigration(client, id)) : null;
  }

  const comparisonsOf = (migration: EncoderMigrationModel, { identity, signal }: IngestContext) =>
    database.forTenant(identity.tenant, (client) => readComparisons(client, identity.tenant, migration.id), {
      signal,
    });

  const end = (id: string, how: 'finish' | 'cancel', { identity }: IngestContext) =>
    outcome(['Rejected', 'NotFound', 'Denied'], async () => {
      requireScope(identity, 'admin');
      const migration = await endMigration(database, id, how);
      return { ...migration, __typename: 'EncoderMigration' as const };
    });

  return {
    migrationById,
    Query: {
      encoders: (_parent, _arguments, { identity }) => {
        requireScope(identity, 'admin');
        return database.forWorker(listEncoders);
      },
      encoderMigration: (_parent, { id }, context) => migrationById(id, context),
      encoderMigrations: (_parent, _arguments, { identity }) => {
        requireScope(identity, 'admin');
        return database.forWorker((client) => listMigrations(client, 100));
      },
    },
    Mutation: {
      startEncoderMigration: (_parent, { input }, { identity }) =>
        outcome(['Rejected', 'Denied'], async () => {
          requireScope(identity, 'admin');
          const migration = await startMigration(database, identity, input);
          return { ...migration, __typename: 'EncoderMigration' as const };
        }),
      switchEncoder: (_parent, { input }, { identity }) =>
        outcome(['Rejected', 'Denied'], async () => {
          requireScope(identity, 'admin');
          const switched = await switchEncoder(database, input.fingerprint, input.force ?? false);
          return {
            ...switched,
            switchedAt: switched.switchedAt.toISOString(),
            __typename: 'EncoderSwitch' as const,
          };
        }),
      cancelEncoderMigration: (_parent, { id }, context) => end(id, 'cancel', context),
      finishEncoderMigration: (_parent, { id }, context) => end(id, 'finish', context),
    },
    Subscription: {
      encoderMigrationProgress: {
        subscribe: (_parent, { id, after }, { identity, signal }) => {
          requireScope(identity, 'admin');
          return followMigration(id, after ?? null, dependencies, signal);
        },
        resolve: (event: EncoderMigrationEventModel) => event,
      },
    },
    EncoderMigration: {
      __resolveReference: ({ id }, context) => migrationById(id, context),
      error: ({ error }) => error && { ...error, field: null },
      comparison: (migration, _arguments, context) => comparisonsOf(migration, context),
      quality: async (migration, _arguments, context) => summarize(await comparisonsOf(migration, context)),
      createdAt: ({ createdAt }) => createdAt.toISOString(),
      readyAt: ({ readyAt }) => readyAt?.toISOString() ?? null,
      finishedAt: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
    },
    EncoderMigrationEvent: { at: ({ at }) => at.toISOString() },
  } satisfies Resolvers & { migrationById: unknown };
}
