/** What the thread that reads office documents is asked. */
export type OfficeRequest =
  | { readonly kind: 'docx'; readonly bytes: Uint8Array }
  | { readonly kind: 'email'; readonly bytes: Uint8Array };

/** A file within a document. */
export interface Enclosure {
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What it answers. */
export type OfficeReply =
  | {
      readonly kind: 'docx';
      /** Its pictures are named by their places among `pictures`: `<img src="picture:0" />`. */
      readonly html: string;
      readonly pictures: readonly (Enclosure & { readonly failed: boolean })[];
    }
  | {
      readonly kind: 'email';
      readonly subject: string | null;
      readonly from: string | null;
      /** The sender's name, or address where there is none. */
      readonly author: string | null;
      readonly to: string | null;
      readonly cc: string | null;
      readonly date: string | null;
      readonly text: string | null;
      readonly html: string | null;
      readonly attachments: readonly Enclosure[];
    }
  | { readonly kind: 'broken'; readonly detail: string };
