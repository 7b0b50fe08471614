import type { CommandContext } from '../command.ts';
import { readDocumentFilter } from '../document-filter.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { DocumentsOperation, type DocumentsQuery } from '../operations.generated.ts';
import { plain } from '../plain.ts';
import { count } from '../render.ts';

export interface DocumentsOptions {
  readonly limit: number;
  readonly filter?: string | undefined;
  readonly json?: boolean | undefined;
}

type ListedDocument = DocumentsQuery['documents']['nodes'][number];

/** `tributary documents`: lists documents, newest first. */
export async function documents(
  { client, terminal, signal }: CommandContext,
  options: DocumentsOptions,
): Promise<ExitCode> {
  const filter = options.filter === undefined ? null : readDocumentFilter(options.filter);
  const listed: ListedDocument[] = [];
  let after: string | null = null;
  let totalCount = 0;
  for (;;) {
    const first = Math.min(200, options.limit - listed.length);
    const page: DocumentsQuery = await client.execute(DocumentsOperation, { filter, first, after }, signal);
    const { nodes, pageInfo } = page.documents;
    totalCount = page.documents.totalCount;
    listed.push(...nodes);
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage || listed.length >= options.limit) break;
  }
  if (options.json) {
    terminal.print(JSON.stringify(plain({ totalCount, documents: listed })));
    return exitCodes.ok;
  }
  for (const document of listed) {
    terminal.print(renderDocument(document));
    for (const gap of document.gaps) terminal.print(`    ${gap.code}: ${gap.message}`);
  }
  terminal.print(
    listed.length === totalCount
      ? `${count(totalCount, 'document')}.`
      : `${count(totalCount, 'document')}, of which the newest ${listed.length}; --limit shows more.`,
  );
  return exitCodes.ok;
}

function renderDocument({ id, state, title, version, source, author, year, tags }: ListedDocument): string {
  const more = [
    source,
    author,
    year,
    tags.map((tag) => `#${tag}`).join(' ') || null,
    version === 1 ? null : `version ${version}`,
  ].filter((part) => part !== null);
  return `${id}  ${state.toLowerCase().padEnd(10)}  ${title}${more.length === 0 ? '' : `  (${more.join(' · ')})`}`;
}
