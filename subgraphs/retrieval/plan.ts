import { createHash } from 'node:crypto';
import { rejected } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import type { CollectionName, Filter } from '../../platform/ports/vector-store.ts';
import type { Modality } from '../../platform/types.ts';
import { compileFilter } from './compile-filter.ts';
import { readCursor } from './cursor.ts';
import type { SearchInput, SearchMode } from './schema.generated.ts';
import {
  type Plan,
  type Query,
  type Question,
  type SearchMethod,
  type Source,
  type SourceCoverage,
  searchMethods,
} from './types.ts';

const maxTextLength = 8_192;
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

export const modalities: readonly Modality[] = ['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'TABLE'];

/** Where the passages of each modality are; a modality without a collection has nothing in it. */
export type Collections = Readonly<Partial<Record<Modality, CollectionName>>>;

function wholeNumber(field: string, value: number | null | undefined, most: number): number | null {
  if (value === null || value === undefined) return null;
  if (value >= 1 && value <= most) return value;
  throw rejected('OUT_OF_RANGE', `\`${field}\` is ${value}; it must be 1 to ${most}.`, { field });
}

/** What makes no difference to what is asked: how it is spaced, and which of two spellings of a letter it has. */
const tidy = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim();

function queryOf({ text, similarToChunkId, mode }: SearchInput): Query {
  const given = [text, similarToChunkId].filter((each) => each !== null && each !== undefined);
  if (given.length !== 1) {
    throw rejected(
      given.length === 0 ? 'NO_QUERY' : 'TWO_QUERIES',
      'Give exactly one of `text` and `similarToChunkId`.',
      { field: 'text' },
    );
  }
  if (typeof text === 'string') {
    if (text.trim() === '') {
      throw rejected('EMPTY_QUERY', 'The query is empty. Write a question or some words.', { field: 'text' });
    }
    if (text.length > maxTextLength) {
      throw rejected(
        'QUERY_TOO_LONG',
        `The query has ${text.length} characters; at most ${maxTextLength} are allowed. Shorten it to what you want to find.`,
        { field: 'text' },
      );
    }
    return { kind: 'text', text: tidy(text) };
  }
  const chunkId = similarToChunkId ?? '';
  if (!isId('chk', chunkId)) {
    throw rejected(
      'BAD_ID',
      `${JSON.stringify(chunkId.slice(0, 60))} is not the id of a passage. Ids of passages begin with \`chk_\`.`,
      { field: 'similarToChunkId' },
    );
  }
  if (mode === 'SPARSE') {
    throw rejected(
      'MODE_NOT_POSSIBLE',
      'Passages like another one are found by meaning: ask with mode DENSE or HYBRID.',
      { field: 'mode' },
    );
  }
  return { kind: 'similar', chunkId };
}

/** How long a search may take, in milliseconds. @throws TributaryError `REJECTED_INPUT` where it is out of range. */
export const timeGiven = ({ deadlineMs }: Pick<SearchInput, 'deadlineMs'>): number =>
  wholeNumber('deadlineMs', deadlineMs, maxDeadlineMs) ?? defaultDeadlineMs;

/** Methods that the vector store cannot do, each with a sentence that says so and what would help. */
export type Lacking = Readonly<Partial<Record<SearchMethod, string>>>;

/** Why a method is not used, or null where it is. */
function methodSkipped(method: SearchMethod, mode: SearchMode, query: Query): string | null {
  if (mode !== 'HYBRID' && mode !== method) return `Not wanted: the mode is ${mode}.`;
  if (method === 'SPARSE' && query.kind === 'similar')
    return 'Passages like another one are found by meaning.';
  return null;
}

/** Which documents a process searches, by their mark `containsPii`. */
export type PersonalData = 'all' | 'without' | 'only';

/** A filter that whoever asks cannot take away: it is a part of the plan, and of what is remembered by it. */
function holdTo(personalData: PersonalData, filter: Filter | null): Filter | null {
  if (personalData === 'all') return filter;
  const mark: Filter = { kind: 'containsPii', value: personalData === 'only' };
  return filter === null ? mark : { kind: 'and', filters: [mark, filter] };
}

/**
 * Checks what was asked and decides which sources are searched, and how deep.
 *
 * @throws TributaryError `REJECTED_INPUT` that names the field, what was wrong, and what is allowed.
 */
export function plan(
  { tenant, input }: Pick<Question<SearchInput>, 'tenant' | 'input'>,
  collections: Collections,
  nowMs: number,
  lacking: Lacking = {},
  personalData: PersonalData = 'all',
): Plan {
  const query = queryOf(input);
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
  const includeCold = input.includeCold === true;
  const sources: Source[] = [];
  const skipped: SourceCoverage[] = [];
  for (const modality of modalities) {
    const collection = collections[modality];
    for (const method of searchMethods) {
      const reason = !wanted.includes(modality)
        ? 'Not wanted: `modalities` does not name it.'
        : (methodSkipped(method, mode, query) ??
          (collection === undefined ? 'There is nothing of this kind to search.' : null));
      if (reason !== null) {
        skipped.push({
          ...{ modality, method, tier: 'HOT', status: 'SKIPPED', candidates: 0, tookMs: 0, reason },
        } as const);
        continue;
      }
      // It was wanted and is not searched: nothing failed, but the result is not complete.
      const lack = lacking[method];
      if (lack !== undefined) {
        skipped.push({
          ...{ modality, method, tier: 'HOT', status: 'UNAVAILABLE', candidates: 0, tookMs: 0, reason: lack },
        } as const);
      } else if (collection !== undefined) sources.push({ modality, method, tier: 'HOT', collection });
    }
  }
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify([tenant, query, filter, mode, wanted, perDocument, ...(includeCold ? ['cold'] : [])]),
    )
    .digest('hex')
    .slice(0, 16);
  const { after } = input;
  const offset = typeof after === 'string' ? readCursor(after, fingerprint) : 0;
  return {
    tenant,
    query,
    filter,
    sources,
    skipped,
    includeCold,
    offset,
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
