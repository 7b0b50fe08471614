import { createHash, randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type DocumentId = Branded<'DocumentId'>;
export type ChunkId = Branded<'ChunkId'>;
export type JobId = Branded<'JobId'>;
export type UploadId = Branded<'UploadId'>;
export type AnswerId = Branded<'AnswerId'>;
export type ReceiptId = Branded<'ReceiptId'>;
export type ConversationId = Branded<'ConversationId'>;
export type EncoderMigrationId = Branded<'EncoderMigrationId'>;

interface IdByPrefix {
  doc: DocumentId;
  chk: ChunkId;
  job: JobId;
  upl: UploadId;
  ans: AnswerId;
  rcp: ReceiptId;
  cnv: ConversationId;
  mig: EncoderMigrationId;
}

/** The kinds of ids; the prefix says which type an id is of. */
export type IdPrefix = keyof IdByPrefix;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Crockford's base 32, lower case, of the first 130 bits (26 characters). */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < 26) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return text;
}

/** A new random id. */
export const newId = <P extends IdPrefix>(prefix: P): IdByPrefix[P] =>
  `${prefix}_${base32(randomBytes(17))}` as IdByPrefix[P];

/** The id that follows from its parts: the same parts always give the same id. */
export function derivedId<P extends IdPrefix>(prefix: P, parts: readonly (string | number)[]): IdByPrefix[P] {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${Buffer.byteLength(text)}:`).update(text);
  }
  return `${prefix}_${base32(hash.digest())}` as IdByPrefix[P];
}

/** Whether a text has the form of an id of this kind; says nothing about whether there is one. */
export const isId = <P extends IdPrefix>(prefix: P, text: string): text is IdByPrefix[P] =>
  text.startsWith(`${prefix}_`) && /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
