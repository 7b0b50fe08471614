/** What the thread that reads Parquet is asked. */
export type ParquetRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'rows'; readonly group: number; readonly from: number; readonly count: number };

/** What it answers. */
export type ParquetReply =
  | {
      readonly kind: 'opened';
      readonly groups: number;
      /** The names of all columns; null where columns have others in them. */
      readonly columns: readonly string[] | null;
    }
  | { readonly kind: 'rows'; readonly rows: readonly unknown[]; readonly isLast: boolean }
  | { readonly kind: 'too large' }
  | { readonly kind: 'broken'; readonly detail: string };
