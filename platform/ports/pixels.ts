/** A decoded picture: upright, without transparency. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** sRGB, 3 bytes a pixel, row by row from the top left: `width * height * 3` bytes. */
  readonly data: Uint8Array;
}

/** A small picture that browsers can show. */
export interface EncodedPicture {
  readonly mediaType: 'image/webp' | 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
}
