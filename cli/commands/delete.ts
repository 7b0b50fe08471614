import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes, failureOf } from '../failure.ts';
import { DeleteDocumentOperation } from '../operations.generated.ts';
import { plain } from '../plain.ts';

/** `tributary delete`: deletes a document and prints the receipt. */
export async function deleteDocument(
  { client, terminal, signal }: CommandContext,
  id: string,
  options: { readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { deleteDocument: result } = await client.execute(DeleteDocumentOperation, { id }, signal);
  if (result.__typename !== 'DeletionReceipt') throw failureOf(result.code, result.message);
  const { __typename, ...receipt } = result;
  if (options.json) {
    terminal.print(JSON.stringify(plain(receipt)));
    return exitCodes.ok;
  }
  terminal.print(`Deleted ${receipt.documentId}. It was not found any more from ${receipt.unfindableAt} on.`);
  terminal.print(`Receipt    ${receipt.id}`);
  const width = Math.max(8, ...receipt.stores.map(({ store }) => store.length)) + 1;
  for (const { store, removed, purgedAt } of receipt.stores) {
    terminal.print(`  ${store.padEnd(width)}${removed} removed, ${purgedAt ?? 'under way'}`);
  }
  terminal.print(
    receipt.purgedAt === null
      ? 'The purge is under way; it takes five minutes at most. The receipt is signed when it has ended.'
      : `Purged     ${receipt.purgedAt}\nSignature  ${receipt.signature ?? ''}`,
  );
  return exitCodes.ok;
}
