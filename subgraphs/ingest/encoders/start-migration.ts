import type { PoolClient } from 'pg';
import { rejected } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity.ts';
import { newId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderMigrationModel } from '../models.ts';
import type { StartEncoderMigrationInput } from '../schema.generated.ts';
import { findByIdempotencyKey, findOpenMigration, insertMigration } from './encoder-migrations.ts';
import { type KnownEncoder, knownEncoders } from './known-encoders.ts';
import { lockKept } from './plan-writing.ts';

const maxSavedQueries = 1000;
const maxRelevant = 1000;
const maxTextLength = 8192;

interface SavedQuery {
  readonly text: string;
  readonly relevantDocumentIds: readonly string[];
}

/**
 * Begins a migration: from now on new and changed passages get vectors of both encoders, and those that are there
 * become work. One at a time.
 *
 * @throws TributaryError `REJECTED_INPUT` where another one is under way, or the encoder cannot be migrated to.
 */
export function startMigration(
  database: Database,
  identity: Identity,
  input: StartEncoderMigrationInput,
): Promise<EncoderMigrationModel> {
  const savedQueries = parseSavedQueries(input.savedQueries ?? []);
  const idempotencyKey = parseKey(input.idempotencyKey ?? null);
  const requestedBy = `${identity.tenant}/${identity.subject}`;
  return database.forWorker(async (client) => {
    await lockKept(client);
    if (idempotencyKey !== null) {
      const known = await findByIdempotencyKey(client, requestedBy, idempotencyKey);
      if (known !== null) return known;
    }
    const open = await findOpenMigration(client);
    if (open !== null) {
      throw rejected(
        'MIGRATION_UNDER_WAY',
        `The migration ${open.id} to ${open.targetModel} is ${open.state.toLowerCase()}. Finish or cancel it first.`,
      );
    }
    const encoders = await knownEncoders(client);
    const source = encoders.find(({ serving }) => serving);
    if (source === undefined) {
      throw rejected(
        'NO_ENCODER',
        'No process that works on jobs has said within the last minute that it has the serving encoder. Start one.',
      );
    }
    const target = chooseTarget(encoders, input);
    await client.query(
      `update encoder_state set serving = coalesce(serving, $1), chunk_fingerprint = coalesce(chunk_fingerprint, $1)`,
      [source.fingerprint],
    );
    await client.query('update encoders set kept = true, retired = false where fingerprint = any($1)', [
      [source.fingerprint, target.fingerprint],
    ]);
    const migration = await insertMigration(client, {
      id: newId('mig'),
      ...{ source: source.fingerprint, sourceModel: source.model },
      ...{ target: target.fingerprint, targetModel: target.model },
      ...{ requestedBy, idempotencyKey },
    });
    await insertSavedQueries(client, identity.tenant, migration.id, savedQueries);
    return migration;
  });
}

function chooseTarget(
  encoders: readonly KnownEncoder[],
  { fingerprint = null, model = null }: StartEncoderMigrationInput,
): KnownEncoder {
  if (fingerprint !== null && model !== null) {
    throw rejected('AMBIGUOUS_ENCODER', 'Give one of `fingerprint` and `model`, or neither.', {
      field: 'model',
    });
  }
  const others = encoders.filter(({ loaded, serving }) => loaded && !serving);
  const matching = others.filter(
    (encoder) =>
      (fingerprint === null || encoder.fingerprint === fingerprint) &&
      (model === null || encoder.model === model),
  );
  const [target] = matching;
  if (target !== undefined && matching.length === 1) return target;
  const allowed =
    others.length === 0
      ? 'No other encoder is loaded: set TRIBUTARY_NEXT_ENCODER_MODEL, and start the services again.'
      : `Allowed: ${others.map((encoder) => `${encoder.fingerprint} (${encoder.model})`).join(', ')}.`;
  throw rejected('UNKNOWN_ENCODER', `There is not exactly one such encoder to migrate to. ${allowed}`, {
    field: fingerprint === null ? 'model' : 'fingerprint',
  });
}

function parseKey(key: string | null): string | null {
  if (key === null || (key.length >= 1 && key.length <= 200)) return key;
  throw rejected(
    'INVALID_IDEMPOTENCY_KEY',
    `idempotencyKey has ${key.length} characters; 1 to 200 are allowed.`,
    {
      field: 'idempotencyKey',
    },
  );
}

function parseSavedQueries(
  given: NonNullable<StartEncoderMigrationInput['savedQueries']>,
): readonly SavedQuery[] {
  const field = 'savedQueries';
  if (given.length > maxSavedQueries) {
    throw rejected(
      'TOO_MANY_QUERIES',
      `There are ${given.length} saved queries; ${maxSavedQueries} are allowed.`,
      {
        field,
      },
    );
  }
  return given.map(({ text, relevantDocumentIds }, index) => {
    const relevant = relevantDocumentIds ?? [];
    if (text.trim() === '' || text.length > maxTextLength) {
      throw rejected(
        'INVALID_QUERY',
        `Saved query ${index + 1} has ${text.length} characters; 1 to ${maxTextLength}, not all white space, are allowed.`,
        { field },
      );
    }
    if (relevant.length > maxRelevant) {
      throw rejected(
        'TOO_MANY_DOCUMENTS',
        `Saved query ${index + 1} names ${relevant.length} documents; ${maxRelevant} are allowed.`,
        { field },
      );
    }
    // PostgreSQL keeps no null characters.
    return { text: text.replaceAll('\0', ' '), relevantDocumentIds: relevant };
  });
}

async function insertSavedQueries(
  client: PoolClient,
  tenant: string,
  migrationId: string,
  queries: readonly SavedQuery[],
): Promise<void> {
  await client.query(
    `insert into encoder_saved_queries (tenant, migration_id, ordinal, text, relevant_document_ids)
     select $1, $2, query.ordinality, query.value ->> 'text',
            array(select jsonb_array_elements_text(query.value -> 'relevantDocumentIds'))
     from jsonb_array_elements($3::jsonb) with ordinality as query`,
    [tenant, migrationId, JSON.stringify(queries)],
  );
}
