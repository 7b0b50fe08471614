import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the folder of migrations. */
export interface Migration {
  readonly name: string;
  readonly sha256: string;
  /** One text that is run in a transaction, or single statements that are run by themselves. */
  readonly statements: readonly string[];
  /** False where the head says `-- transaction: none`. */
  readonly inTransaction: boolean;
  /**
   * The number in the head's `-- compatible-with: 0002`: a program whose newest migration is that one, or a later
   * one, works with the database after this migration. Null where nothing is said: then no older program does.
   */
  readonly compatibleWith: string | null;
}

/**
 * The migrations of a folder, in the order of their names; the program's own by default. What a migration is
 * to be told apart by stands in its head, the comment lines at its beginning.
 *
 * @throws Error where a head says what nobody understands: that is the mistake of who wrote it.
 */
export async function readMigrations(folder: string = ownMigrations()): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have other line ends, and is the same migration all the same.
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      const head = /^(?:--.*\n|\s*\n)*/.exec(sql)?.[0] ?? '';
      const inTransaction = parseTransaction(name, saidIn(head, 'transaction'));
      return {
        name,
        sha256: createHash('sha256').update(sql).digest('hex'),
        statements: inTransaction ? [sql] : splitStatements(sql),
        inTransaction,
        compatibleWith: parseCompatibility(name, saidIn(head, 'compatible-with')),
      };
    }),
  );
}

/** The number at the beginning of a migration's name. */
export const migrationNumber = (name: string): string => /^\d+/.exec(name)?.[0] ?? name;

/** Compilation leaves the `.sql` files where they are: beside the source, not beside what is compiled from it. */
function ownMigrations(): string {
  const beside = join(import.meta.dirname, 'migrations');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../platform/postgres/migrations');
}

const saidIn = (head: string, word: string): string | null =>
  new RegExp(`^-- ${word}:(.*)$`, 'm').exec(head)?.[1]?.trim() ?? null;

function parseTransaction(name: string, said: string | null): boolean {
  if (said === null) return true;
  if (said === 'none') return false;
  throw new Error(
    `The head of ${name} says “transaction: ${said}”; it can say “transaction: none” or nothing.`,
  );
}

function parseCompatibility(name: string, said: string | null): string | null {
  if (said === null || /^\d{4}$/.test(said)) return said;
  throw new Error(
    `The head of ${name} says “compatible-with: ${said}”; it can say the four digits of a migration.`,
  );
}

/**
 * Several statements in one message are one transaction to the server, which a concurrent index refuses: they are
 * sent one by one. Each ends with a `;` at the end of a line, so such a file cannot hold the body of a function.
 */
const splitStatements = (sql: string): string[] =>
  sql
    .replaceAll(/^--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
