import { createHash } from 'node:crypto';
import { rejected } from '../../platform/errors.ts';
import type { Filter } from '../../platform/ports/vector-store.ts';
import { compileFilter } from './compile-filter.ts';
import { readCursor } from './cursor.ts';
import { type Lacking, modalities, planSources, type Searchable, spacesOf } from './plan-sources.ts';
import type { ReadQuery } from './read-query.ts';
import type { SearchInput } from './schema.generated.ts';
import type { Plan, Query, Question, VectorSpace } from './types.ts';

const maxFirst = 200;
const maxDeadlineMs = 60_000;
const defaultDeadlineMs = 10_000;

/** Paging ends here. */
export const maxHits = 1_000;
/** The hits of the first pages, and how many candidates of each source decide about them. */
export const headHits = 200;
export const headDepth = 400;
/** How many candidates of each source decide about the pages behind. */
const fullDepth = 1_000;

function wholeNumber(field: string, value: number | null | undefined, most: number): number | null {
  if (value === null || value === undefined) return null;
  if (value >= 1 && value <= most) return value;
  throw rejected('OUT_OF_RANGE', `\`${field}\` is ${value}; it must be 1 to ${most}.`, { field });
}

/** How long a search may take, in milliseconds. @throws TributaryError `REJECTED_INPUT` where it is out of range. */
export const timeGiven = ({ deadlineMs }: Pick<SearchInput, 'deadlineMs'>): number =>
  wholeNumber('deadlineMs', deadlineMs, maxDeadlineMs) ?? defaultDeadlineMs;

/** Which documents a process searches, by their mark `containsPii`. */
export type PersonalData = 'all' | 'without' | 'only';

/** A filter that whoever asks cannot take away: it is a part of the plan, and of what is remembered by it. */
function holdTo(personalData: PersonalData, filter: Filter | null): Filter | null {
  if (personalData === 'all') return filter;
  const mark: Filter = { kind: 'containsPii', value: personalData === 'only' };
  return filter === null ? mark : { kind: 'and', filters: [mark, filter] };
}

/** The one space that a query is compared in, and what it was given as; null where there are several. */
function onlySpace(query: Query): { readonly space: VectorSpace; readonly field: string } | null {
  if (query.kind === 'picture') return { space: 'VISUAL', field: 'imageUploadId' };
  if (query.kind === 'sound') return { space: 'SOUND', field: 'audioUploadId' };
  return query.kind === 'similar' ? { space: query.space, field: 'similarToChunkId' } : null;
}

/**
 * Checks what was asked and decides which sources are searched, and how deep.
 *
 * @throws TributaryError `REJECTED_INPUT` that names the field, what was wrong, and what is allowed.
 */
export function plan(
  { tenant, input }: Pick<Question<SearchInput>, 'tenant' | 'input'>,
  { query, upload }: ReadQuery,
  searchable: Searchable,
  nowMs: number,
  lacking: Lacking = {},
  personalData: PersonalData = 'all',
): Plan {
  const mode = input.mode ?? 'HYBRID';
  const first = wholeNumber('first', input.first, maxFirst) ?? 10;
  const perDocument = wholeNumber('perDocument', input.perDocument, maxHits);
  const givenMs = timeGiven(input);
  const filter = holdTo(personalData, compileFilter(input.filter));
  if (input.modalities?.length === 0) {
    throw rejected('EMPTY_LIST', '`modalities` is an empty list. Name at least one, or leave it out.', {
      field: 'modalities',
    });
  }
  const wanted = modalities.filter((modality) => input.modalities?.includes(modality) ?? true);
  const only = onlySpace(query);
  if (only !== null && !wanted.some((modality) => spacesOf[modality].includes(only.space))) {
    throw rejected(
      'NOT_COMPARABLE',
      'What is asked for cannot be compared with passages of the wanted modalities: it is of another kind.',
      { field: only.field },
    );
  }
  const includeCold = input.includeCold === true;
  const { sources, skipped } = planSources(query, wanted, mode, searchable, lacking);
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify([tenant, query, filter, mode, wanted, perDocument, ...(includeCold ? ['cold'] : [])]),
    )
    .digest('hex')
    .slice(0, 16);
  const { after } = input;
  const offset = typeof after === 'string' ? readCursor(after, fingerprint) : 0;
  return {
    ...{ tenant, query, upload, filter, sources, skipped, includeCold, offset },
    first: Math.max(0, Math.min(first, maxHits - offset)),
    perDocument,
    ...(offset + first <= headHits
      ? { depth: headDepth, reach: headHits }
      : { depth: fullDepth, reach: maxHits }),
    failFast: input.partial === 'FAIL_FAST',
    explain: input.explain === true,
    fingerprint,
    givenMs,
    deadlineMs: nowMs + givenMs,
  };
}
