import { TributaryError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { SoundEncoder } from '../../platform/ports/sound-encoder.ts';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import type { Modality } from '../../platform/types.ts';
import type { SpaceEncoders } from './calibration/space-encoders.ts';
import { type Searchable, type SpaceState, spacesOf } from './plan-sources.ts';
import type { Corpus } from './read-corpus.ts';
import type { AskedQuery } from './read-query.ts';
import type { VectorSpace } from './types.ts';

/** Gives something that is loaded when it is first asked for; null where it cannot be had here. */
export type Opener<T> = () => Promise<T | null>;

export interface OpenSpacesPorts {
  readonly visualEncoder?: Opener<VisualEncoder> | undefined;
  readonly soundEncoder?: Opener<SoundEncoder> | undefined;
  readonly logger: Logger;
}

/** What can be searched, and what queries are encoded with for it. */
export interface OpenSpaces {
  readonly searchable: Searchable;
  readonly encoders: SpaceEncoders;
}

const reasons = {
  VISUAL: {
    missing:
      'No visual encoder is loaded here, so that pictures and films are found by their words alone; `tributary doctor` says what would help.',
    slow: 'The visual encoder is still being loaded; ask again in a moment.',
    failed: 'The visual encoder could not be loaded; the log says why.',
    without: 'without vectors of what they show yet: they are found by their words alone.',
  },
  SOUND: {
    missing:
      'No encoder of sound is loaded here, so that recordings are found by what is said in them alone; `tributary doctor` says what would help.',
    slow: 'The encoder of sound is still being loaded; ask again in a moment.',
    failed: 'The encoder of sound could not be loaded; the log says why.',
    without: 'without vectors of how they sound yet: they are found by their words alone.',
  },
} as const;

/** The kinds of queries that are compared in a space. */
const askedIn: Readonly<Record<'VISUAL' | 'SOUND', readonly AskedQuery['kind'][]>> = {
  VISUAL: ['text', 'picture', 'similar'],
  SOUND: ['sound', 'similar'],
};

/**
 * Opens the spaces that a search may need beside that of words: those in which the tenant has something that is wanted.
 * One that cannot be opened within `maxMs` is missing, and is said to be.
 */
export async function openSpaces(
  encoder: Encoder,
  asked: AskedQuery,
  wanted: readonly Modality[],
  corpus: Corpus | null,
  { visualEncoder, soundEncoder, logger }: OpenSpacesPorts,
  maxMs: number,
): Promise<OpenSpaces> {
  const has = corpus?.modalities ?? null;
  const isNeeded = (space: 'VISUAL' | 'SOUND') =>
    askedIn[space].includes(asked.kind) &&
    wanted.some((modality) => spacesOf[modality].includes(space) && has?.includes(modality) !== false);

  async function open<T extends VisualEncoder | SoundEncoder>(
    space: 'VISUAL' | 'SOUND',
    opener: Opener<T> | undefined,
  ): Promise<{ readonly state: SpaceState; readonly encoder: T | null }> {
    const missing = (reason: string) => ({ state: { kind: 'missing', reason } as const, encoder: null });
    if (opener === undefined || !isNeeded(space)) return missing(reasons[space].missing);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, maxMs, 'late');
    });
    try {
      const opened = await Promise.race([opener(), late]);
      if (opened === 'late') return missing(reasons[space].slow);
      if (opened === null) return missing(reasons[space].missing);
      const { fingerprint } = opened.description;
      return { state: { kind: 'ready', fingerprint }, encoder: opened };
    } catch (error) {
      logger.error({ err: error, space }, 'an encoder could not be loaded');
      return missing(error instanceof TributaryError ? error.publicMessage : reasons[space].failed);
    } finally {
      clearTimeout(timer);
    }
  }

  const [visual, sound] = await Promise.all([open('VISUAL', visualEncoder), open('SOUND', soundEncoder)]);
  const { fingerprint } = encoder.description;
  return {
    searchable: {
      spaces: { TEXT: { kind: 'ready', fingerprint }, VISUAL: visual.state, SOUND: sound.state },
      has,
      notes: notesOf(corpus),
    },
    encoders: { TEXT: encoder, VISUAL: visual.encoder, SOUND: sound.encoder },
  };
}

function notesOf(corpus: Corpus | null): Partial<Record<VectorSpace, string>> {
  const notes: Partial<Record<VectorSpace, string>> = {};
  for (const space of ['VISUAL', 'SOUND'] as const) {
    const documents = corpus?.withoutVectors[space] ?? 0;
    if (documents === 0) continue;
    const count = documents === 1 ? '1 document is' : `${documents.toLocaleString('en-US')} documents are`;
    notes[space] = `${count} ${reasons[space].without}`;
  }
  return notes;
}
