import { edgesFingerprint } from '../../platform/encoder/edges-fingerprint.ts';
import type { Modality } from '../../platform/types.ts';
import type { SearchMode } from './schema.generated.ts';
import {
  familyOf,
  type Query,
  type SearchMethod,
  type Source,
  type SourceCoverage,
  type VectorSpace,
} from './types.ts';

export const modalities: readonly Modality[] = ['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'TABLE'];

/** The spaces in which passages of each modality are found. */
export const spacesOf: Readonly<Record<Modality, readonly VectorSpace[]>> = {
  TEXT: ['TEXT'],
  IMAGE: ['TEXT', 'VISUAL'],
  AUDIO: ['TEXT', 'SOUND'],
  VIDEO: ['TEXT', 'VISUAL', 'SOUND'],
  TABLE: ['TEXT'],
};

/** Words are found by their meaning and by themselves; what is seen or heard only by its vector. */
export const methodsOf = (space: VectorSpace): readonly SearchMethod[] =>
  space === 'TEXT' ? ['DENSE', 'SPARSE'] : ['DENSE'];

/** A space, by the encoder that its vectors are of; or why it cannot be searched, in a sentence. */
export type SpaceState =
  | { readonly kind: 'ready'; readonly fingerprint: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** What there is to be searched. */
export interface Searchable {
  readonly spaces: Readonly<Record<VectorSpace, SpaceState>>;
  /** The kinds of passages that the tenant has; null where that is not known. */
  readonly has: readonly Modality[] | null;
  /** For a space in which vectors are still missing, a sentence that says so. */
  readonly notes?: Readonly<Partial<Record<VectorSpace, string>>>;
}

/** Methods that the vector store cannot do, each with a sentence that says so and what would help. */
export type Lacking = Readonly<Partial<Record<SearchMethod, string>>>;

/** Why a space is not searched with this query, or null where it is. */
function querySkipped(query: Query, space: VectorSpace): string | null {
  switch (query.kind) {
    case 'text':
      return space === 'SOUND' ? 'How something sounds is searched for with a sound.' : null;
    case 'picture':
      return space === 'VISUAL'
        ? null
        : 'A picture is compared with what is shown, not with words or sounds.';
    case 'sound':
      return space === 'SOUND' ? null : 'A sound is compared with sounds, not with words or pictures.';
    case 'similar':
      return space === query.space
        ? null
        : `The passage asked for is compared by ${comparedBy[query.space]}.`;
  }
}

const comparedBy = {
  TEXT: 'its words',
  VISUAL: 'what it shows',
  SOUND: 'how it sounds',
} as const satisfies Readonly<Record<VectorSpace, string>>;

/** Why a method is not used, or null where it is. */
function methodSkipped(method: SearchMethod, mode: SearchMode, query: Query): string | null {
  if (mode !== 'HYBRID' && mode !== method) return `Not wanted: the mode is ${mode}.`;
  if (method === 'SPARSE' && query.kind === 'similar')
    return 'Passages like another one are found by meaning.';
  return null;
}

/** Every modality in each of its spaces by each method: what is searched, and what is not, and why. */
export function planSources(
  query: Query,
  wanted: readonly Modality[],
  mode: SearchMode,
  { spaces, has, notes = {} }: Searchable,
  lacking: Lacking,
): { readonly sources: Source[]; readonly skipped: SourceCoverage[] } {
  const sources: Source[] = [];
  const skipped: SourceCoverage[] = [];
  for (const modality of modalities) {
    for (const space of spacesOf[modality]) {
      for (const method of methodsOf(space)) {
        const leave = (status: 'SKIPPED' | 'UNAVAILABLE', reason: string) =>
          skipped.push({
            ...{ modality, space, method, tier: 'HOT', status, candidates: 0, tookMs: 0, reason },
          } as const);
        const unwanted = wanted.includes(modality)
          ? (querySkipped(query, space) ?? methodSkipped(method, mode, query))
          : 'Not wanted: `modalities` does not name it.';
        if (unwanted !== null) {
          leave('SKIPPED', unwanted);
          continue;
        }
        if (has?.includes(modality) === false) {
          leave('SKIPPED', 'There is nothing of this kind to search.');
          continue;
        }
        // It was wanted and is not searched: nothing failed, but the result is not complete.
        const state = spaces[space];
        const lack = state.kind === 'missing' ? state.reason : lacking[method];
        if (lack !== undefined) leave('UNAVAILABLE', lack);
        else if (state.kind === 'ready')
          sources.push(sourceOf(modality, space, method, state.fingerprint, notes));
      }
    }
  }
  return { sources, skipped };
}

function sourceOf(
  modality: Modality,
  space: VectorSpace,
  method: SearchMethod,
  fingerprint: string,
  notes: NonNullable<Searchable['notes']>,
): Source {
  const family = familyOf[space];
  const note = space === 'TEXT' ? undefined : notes[space];
  return {
    ...{ modality, space, method, tier: 'HOT', collection: { family, fingerprint } },
    ...(space === 'VISUAL' && modality === 'IMAGE'
      ? { edges: { family, fingerprint: edgesFingerprint(fingerprint) } }
      : {}),
    ...(note === undefined ? {} : { note }),
  };
}
