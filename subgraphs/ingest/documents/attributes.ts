import { z } from 'zod';
import { rejected } from '../../../platform/errors.ts';

/** What the uploader says of a document; what is left out is not said. */
export interface GivenAttributes {
  readonly title?: string;
  readonly author?: string | null;
  readonly year?: number | null;
  readonly publishedAt?: Date | null;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly containsPii?: boolean;
}

const maxMetadataBytes = 16 * 1024;

/** Text that the database can hold: without NUL, and without half characters. */
const storable = (text: string) =>
  !text.includes('\0') &&
  !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);

const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `at most ${maxLength} characters are allowed`)
    .refine(storable, 'it holds a NUL or half a character');

const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'an instant in ISO 8601 is needed, such as 2026-11-23T02:55:42.000Z',
});

const schema = z.object({
  title: line(1000).nullish(),
  author: line(1000).nullish(),
  year: z.number().int().nullish(),
  publishedAt: instant.nullish(),
  tags: z
    .array(line(128).refine((tag) => tag.trim() !== '', 'a tag cannot be empty'))
    .max(64, 'at most 64 tags are allowed')
    .nullish(),
  metadata: z
    .record(z.string(), z.unknown(), { error: 'a JSON object is needed' })
    .refine(
      (value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes,
      `at most ${maxMetadataBytes} bytes of JSON are allowed`,
    )
    .refine(
      (value) => !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/.test(JSON.stringify(value)),
      'it holds a NUL or half a character',
    )
    .nullish(),
  containsPii: z.boolean().nullish(),
});

/**
 * Checks what is said of a document. An explicit null unsays it.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `INVALID_ATTRIBUTE`.
 */
export function parseAttributes(input: unknown): GivenAttributes {
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = `attributes.${issue?.path.join('.') ?? ''}`;
    throw rejected('INVALID_ATTRIBUTE', `${field} is not allowed: ${issue?.message}.`, { field });
  }
  const { title, author, year, publishedAt, tags, metadata, containsPii } = parsed.data;
  const trimmed = title?.trim();
  return {
    ...(trimmed ? { title: trimmed } : {}),
    ...(author === undefined ? {} : { author: author?.trim() || null }),
    ...(year === undefined ? {} : { year }),
    ...(publishedAt === undefined
      ? {}
      : { publishedAt: publishedAt === null ? null : new Date(publishedAt) }),
    ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
    ...(metadata === undefined ? {} : { metadata: metadata ?? {} }),
    ...(containsPii === undefined ? {} : { containsPii: containsPii ?? false }),
  };
}

/** Checks a name that is kept: of a file or of a source. @throws TributaryError `REJECTED_INPUT`. */
export function parseName(value: string | null | undefined, field: string): string | null {
  const name = value?.trim();
  if (!name) return null;
  if (name.length > 2048 || !storable(name)) {
    throw rejected('INVALID_NAME', `${field} is not allowed: at most 2,048 characters, and no NUL.`, {
      field,
    });
  }
  return name;
}
