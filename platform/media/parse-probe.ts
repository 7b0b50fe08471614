import type { MediaProbe } from '../ports/media-decoder.ts';

/** What ffmpeg says of a file, and which of its streams are taken. */
export interface ParsedProbe extends MediaProbe {
  /** The index of the first stream of sound; null where there is none. */
  readonly soundStream: number | null;
  /** The index of the first moving picture. */
  readonly filmStream: number | null;
  /** The size of frames that the program did not take, so that it knows of no moving picture. */
  readonly refusedSize: { readonly width: number; readonly height: number } | null;
}

const streamLine = /^ {2,4}Stream #0:(\d+)[^:]*: (Video|Audio|Subtitle|Data|Attachment|Unknown)(?:: (.*))?$/;
const tagLine = /^ {4,}(\S[^:]*?) *: (.*)$/;

/**
 * Reads what ffmpeg prints of the file that it was given as its only input. All of it comes from the file and is
 * believed no further than its form: what does not look as expected is as if it were not there.
 *
 * @returns null where it could not open the file.
 */
export function parseProbe(messages: string): ParsedProbe | null {
  const lines = messages.split(/\r?\n/);
  if (!lines.some((line) => line.startsWith('Input #0, '))) return null;
  let durationMs: number | null = null;
  let sound: number | null = null;
  let film: { index: number; width: number; height: number } | null = null;
  /** Which stream the lines below are about, by its index. */
  let current: number | null = null;
  const [, wide, high] = /Picture size (\d{1,10})x(\d{1,10}) (?:is invalid|exceeds)/.exec(messages) ?? [];
  const tags = new Map<string, string>();
  for (const line of lines) {
    durationMs ??= durationOf(line);
    const stream = streamLine.exec(line);
    if (stream !== null) {
      const [, index = '', kind, description = ''] = stream;
      current = Number(index);
      // A codec that is not known to the program is called so.
      const isKnown = !/^(?:none|unknown)\b/.test(description);
      if (kind === 'Audio' && isKnown) sound ??= current;
      if (kind === 'Video' && isKnown && !/\((?:attached pic|timed thumbnails)\)/.test(description)) {
        const size = sizeOf(description);
        if (size !== null) film ??= { index: current, ...size };
      }
      continue;
    }
    const turned = /displaymatrix: rotation of (-?[\d.]+) degrees/.exec(line)?.[1];
    if (turned !== undefined && film !== null && current === film.index && isOnItsSide(Number(turned))) {
      film = { index: film.index, width: film.height, height: film.width };
    }
    const [, name = '', value = ''] = tagLine.exec(line) ?? [];
    const tag = name.toLowerCase();
    // What the file as a whole says comes first; Ogg says it of the stream.
    if ((current === null || current === sound) && (tag === 'title' || tag === 'artist') && !tags.has(tag)) {
      tags.set(tag, value.trim());
    }
  }
  return {
    durationMs,
    hasSound: sound !== null,
    film: film === null ? null : { width: film.width, height: film.height },
    title: tags.get('title') || null,
    author: tags.get('artist') || null,
    soundStream: sound,
    filmStream: film?.index ?? null,
    refusedSize: wide === undefined || film !== null ? null : { width: Number(wide), height: Number(high) },
  };
}

function durationOf(line: string): number | null {
  const [, hours, minutes, seconds] = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+),/.exec(line) ?? [];
  if (hours === undefined) return null;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

/** The size as it is shown: pixels that are not square make it wider or narrower. */
function sizeOf(description: string): { width: number; height: number } | null {
  const found = /, (\d{1,6})x(\d{1,6})(?:,? \[?SAR (\d{1,6}):(\d{1,6}) DAR [\d:]+\]?)?(?=,|$|\s)/.exec(
    description,
  );
  if (found === null) return null;
  const [width = 0, height = 0, across = 1, down = 1] = found.slice(1).map((digits) => Number(digits ?? 1));
  if (width === 0 || height === 0) return null;
  const shape = across > 0 && down > 0 ? across / down : 1;
  return { width: Math.max(1, Math.round(width * shape)), height };
}

const isOnItsSide = (degrees: number): boolean => Math.abs(Math.round(degrees / 90)) % 2 === 1;
