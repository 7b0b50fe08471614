import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CommandFailure, exitCodes } from './failure.ts';

const SavedQuery = z.strictObject({
  text: z.string().min(1).max(8192),
  relevantDocumentIds: z.array(z.string()).default([]),
  relevantSources: z.array(z.string()).default([]),
});

/** A query that quality is compared on, and what is relevant to it, by document id or by source. */
export type SavedQuery = z.infer<typeof SavedQuery>;

/**
 * Reads saved queries: a JSON object a line, `text` with `relevantDocumentIds` or `relevantSources` where known.
 *
 * @throws CommandFailure that names the line that is wrong.
 */
export async function readSavedQueries(file: string): Promise<SavedQuery[]> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailure(exitCodes.notFound, `${file} cannot be read.`, { cause });
  });
  return content.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [SavedQuery.parse(JSON.parse(line))];
    } catch (cause) {
      throw new CommandFailure(
        exitCodes.usage,
        `Line ${index + 1} of ${file} is not a saved query. Write {"text": "…", "relevantDocumentIds": ["doc_…"]} or {"text": "…", "relevantSources": ["…"]}.`,
        { cause },
      );
    }
  });
}
