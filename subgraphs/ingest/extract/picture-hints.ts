import type { Attributes } from '../types.ts';

/** What the uploader says of a picture. */
export interface PictureHints {
  /** What it shows, in words. */
  readonly said: readonly string[];
  /** Whether it is a technical drawing; null where nothing is said: then it is looked at. */
  readonly isDrawing: boolean | null;
}

/** Metadata fields that say what a picture shows. */
const altTextFields = ['altText', 'caption', 'description'] as const;
const drawingTags = new Set([
  'drawing',
  'technical drawing',
  'technical-drawing',
  'schematic',
  'diagram',
  'blueprint',
]);
const photographTags = new Set(['photo', 'photograph']);
const maxCharacters = 2000;

/**
 * Reads what is said of a document for hints about its picture: the metadata fields `altText`, `caption` and `description`
 * say what it shows, `technicalDrawing: true` or `false` whether it is a technical drawing; a tag such as
 * `technical drawing` or `photo` says that too.
 */
export function pictureHints({ tags, metadata }: Pick<Attributes, 'tags' | 'metadata'>): PictureHints {
  const said = altTextFields.flatMap((field) => {
    const value = metadata[field];
    return typeof value === 'string' && value.trim() !== '' ? [value.trim().slice(0, maxCharacters)] : [];
  });
  const named = tags.map((tag) => tag.trim().toLowerCase());
  const { technicalDrawing } = metadata;
  const isDrawing =
    typeof technicalDrawing === 'boolean'
      ? technicalDrawing
      : named.some((tag) => drawingTags.has(tag))
        ? true
        : named.some((tag) => photographTags.has(tag))
          ? false
          : null;
  return { said: [...new Set(said)], isDrawing };
}
