import { readdir, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { CommandFailure, exitCodes } from './failure.ts';

/** What is to be ingested: a file of this machine, or a web address. */
export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly byteSize: number; readonly source: string }
  | { readonly kind: 'url'; readonly url: string };

export interface FoundDocuments {
  readonly documents: readonly Found[];
  /** Files in folders that were left out, because of their kind. */
  readonly skipped: readonly string[];
}

/** The kinds of files that are taken from a folder; a file that is named itself is always taken. */
export const knownExtensions: ReadonlySet<string> = new Set([
  '.txt',
  '.md',
  '.markdown',
  '.html',
  '.htm',
  '.pdf',
]);

/**
 * Finds what paths and web addresses stand for. Folders are searched through, without hidden files and
 * `node_modules`, in alphabetical order.
 *
 * @param cwd what paths are relative to; a document's source is its path from there, with `/`
 * @throws CommandFailure (not found) where a path leads nowhere.
 */
export async function findDocuments(targets: readonly string[], cwd: string): Promise<FoundDocuments> {
  const documents = new Map<string, Found>();
  const skipped: string[] = [];

  const addFile = (path: string, byteSize: number) =>
    documents.set(path, { kind: 'file', path, byteSize, source: sourceOf(path, cwd) });

  const addFolder = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await addFolder(path);
      else if (!entry.isFile()) continue;
      else if (knownExtensions.has(extname(path).toLowerCase())) addFile(path, (await stat(path)).size);
      else skipped.push(path);
    }
  };

  for (const target of targets) {
    if (/^https?:\/\//i.test(target)) {
      documents.set(target, { kind: 'url', url: target });
      continue;
    }
    const path = isAbsolute(target) ? target : join(cwd, target);
    const found = await stat(path).catch(() => null);
    if (found === null) {
      throw new CommandFailure(
        exitCodes.notFound,
        `There is no file or folder "${target}". Give paths, or addresses that begin with http:// or https://.`,
      );
    }
    if (found.isDirectory()) await addFolder(path);
    else addFile(path, found.size);
  }
  return { documents: [...documents.values()], skipped };
}

function sourceOf(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  const inside = fromHere !== '' && !fromHere.startsWith('..') && !isAbsolute(fromHere);
  return (inside ? fromHere : path).split(sep).join('/');
}
