import type { Modality } from '../../platform/types.ts';

/** The kinds of content that are understood, as media types, and what such a document mainly is. */
const modalityOf = {
  'text/plain': 'TEXT',
  'text/markdown': 'TEXT',
  'text/html': 'TEXT',
  'application/pdf': 'TEXT',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'TEXT',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'TEXT',
  'message/rfc822': 'TEXT',
  'image/jpeg': 'IMAGE',
  'image/png': 'IMAGE',
  'image/webp': 'IMAGE',
  'image/tiff': 'IMAGE',
  'image/gif': 'IMAGE',
  'image/avif': 'IMAGE',
  'image/svg+xml': 'IMAGE',
  'audio/wav': 'AUDIO',
  'audio/mpeg': 'AUDIO',
  'audio/flac': 'AUDIO',
  'audio/ogg': 'AUDIO',
  'audio/mp4': 'AUDIO',
  'video/mp4': 'VIDEO',
  'video/webm': 'VIDEO',
  'video/x-matroska': 'VIDEO',
  'video/quicktime': 'VIDEO',
  'text/csv': 'TABLE',
  'text/tab-separated-values': 'TABLE',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'TABLE',
  'application/json': 'TABLE',
  'application/x-ndjson': 'TABLE',
  'application/vnd.apache.parquet': 'TABLE',
} as const satisfies Readonly<Record<string, Modality>>;

export type MediaType = keyof typeof modalityOf;

/** What a document of this kind mainly is. */
export const mainModality = (mediaType: MediaType): Modality => modalityOf[mediaType];

/** For refusals: what is taken. */
export const takenKinds =
  'Plain text, Markdown, HTML, PDF, DOCX, PPTX, EML; JPEG, PNG, WebP, TIFF, GIF, AVIF, SVG; WAV, MP3, FLAC, Ogg, M4A; MP4, WebM, MKV, MOV; CSV, TSV, XLSX, JSON, JSON Lines and Parquet';
