import { stat } from 'node:fs/promises';
import type { CommandContext } from './command.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import type { SearchInput } from './operations.generated.ts';
import { uploadFile } from './upload-file.ts';

/** What is searched with: exactly one of them. */
export interface SearchQueryOptions {
  readonly image?: string | undefined;
  readonly audio?: string | undefined;
  readonly like?: string | undefined;
}

/** What is searched with, as it was typed, and as the contract has it. */
export interface SearchedWith {
  /** The words, the path of the file, or the id of the passage. */
  readonly shown: string;
  readonly input: Pick<SearchInput, 'text' | 'imageUploadId' | 'audioUploadId' | 'similarToChunkId'>;
}

/**
 * Reads what is searched with; a file is sent to the server first.
 *
 * @throws CommandFailure where there is nothing to search with, or more than one thing, or a file cannot be sent.
 */
export async function readSearchQuery(
  text: string | undefined,
  { image, audio, like }: SearchQueryOptions,
  { client, signal }: Pick<CommandContext, 'client' | 'signal'>,
): Promise<SearchedWith> {
  const given = [text, image, audio, like].filter((each) => each !== undefined);
  const [shown] = given;
  if (shown === undefined || given.length > 1) {
    throw new CommandFailure(
      exitCodes.usage,
      'Say what to search with: words, --image FILE, --audio FILE or --like ID, and only one of them.',
    );
  }
  if (text !== undefined) return { shown, input: { text } };
  if (like !== undefined) return { shown, input: { similarToChunkId: like } };
  const uploadId = await uploadFile(client, await findFile(shown), () => undefined, signal);
  return {
    shown,
    input: image === undefined ? { audioUploadId: uploadId } : { imageUploadId: uploadId },
  };
}

async function findFile(path: string): Promise<{ readonly path: string; readonly byteSize: number }> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true) return { path, byteSize: found.size };
  throw new CommandFailure(exitCodes.notFound, `There is no file ${path}.`);
}
