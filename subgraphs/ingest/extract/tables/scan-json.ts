import { rejected, TributaryError } from '../../../../platform/errors.ts';

/** Deeper nesting than this is no data that anyone wrote. */
export const maxJsonDepth = 200;

/** The refusal of what is not JSON. */
export const brokenJson = (where: string, cause?: unknown) =>
  rejected('BROKEN_JSON', `The content is not JSON: ${where}. Correct it, or send it as plain text.`, {
    cause,
  });

const tooDeep = () =>
  rejected(
    'JSON_TOO_DEEP',
    `The JSON is nested more than ${maxJsonDepth} levels deep. Flatten it, or send it as plain text.`,
  );

/** Where the next character is that is no white space; the text's length where there is none. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

/**
 * Where the value that begins here ends. It is looked for by brackets and quotes alone, without a parser's memory.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_JSON` or `JSON_TOO_DEEP`.
 */
export function endOfValue(text: string, start: number): number {
  const first = text.charAt(start);
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') {
    let at = start;
    while (at < text.length && !/[,\]}\s]/.test(text.charAt(at))) at++;
    if (at === start) throw brokenJson(`a value is missing at character ${start + 1}`);
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxJsonDepth) throw tooDeep();
    } else if (code === 0x7d || code === 0x5d) {
      if (--depth === 0) return at + 1;
    }
  }
  throw brokenJson('it ends in the middle of a value');
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  throw brokenJson('a text in it is not closed');
}

/** A value, as a range of the text. */
export interface ValueRange {
  readonly start: number;
  readonly end: number;
}

/** The elements of the list that begins here, one after the other. @returns where the list ends. */
export function* elementsOf(text: string, start: number): Generator<ValueRange, number> {
  let at = skipSpace(text, start + 1);
  if (text.charAt(at) === ']') return at + 1;
  for (;;) {
    const end = endOfValue(text, at);
    yield { start: at, end };
    at = skipSpace(text, end);
    const next = text.charAt(at);
    if (next === ']') return at + 1;
    if (next !== ',') throw brokenJson(`a comma is missing at character ${at + 1}`);
    at = skipSpace(text, at + 1);
  }
}

/** The members of the object that begins here, one after the other. @returns where the object ends. */
export function* membersOf(
  text: string,
  start: number,
): Generator<ValueRange & { readonly key: string }, number> {
  let at = skipSpace(text, start + 1);
  if (text.charAt(at) === '}') return at + 1;
  for (;;) {
    if (text.charAt(at) !== '"') throw brokenJson(`a key is missing at character ${at + 1}`);
    const keyEnd = endOfString(text, at);
    const key = String(parseRange(text, { start: at, end: keyEnd }));
    at = skipSpace(text, keyEnd);
    if (text.charAt(at) !== ':') throw brokenJson(`a colon is missing at character ${at + 1}`);
    at = skipSpace(text, at + 1);
    const end = endOfValue(text, at);
    yield { key, start: at, end };
    at = skipSpace(text, end);
    const next = text.charAt(at);
    if (next === '}') return at + 1;
    if (next !== ',') throw brokenJson(`a comma is missing at character ${at + 1}`);
    at = skipSpace(text, at + 1);
  }
}

/** The value itself. @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_JSON`. */
export function parseRange(text: string, { start, end }: ValueRange): unknown {
  try {
    return JSON.parse(text.slice(start, end));
  } catch (error) {
    throw brokenJson(`the value at character ${start + 1} cannot be read`, error);
  }
}

/** Whether a text is one list or object of JSON, as far as its brackets and commas say. */
export function isJson(text: string): boolean {
  const start = skipSpace(text, 0);
  const first = text.charAt(start);
  if (first !== '[' && first !== '{') return false;
  try {
    const parts = first === '[' ? elementsOf(text, start) : membersOf(text, start);
    for (let read = 0; ; read++) {
      const { value, done } = parts.next();
      if (done === true) return skipSpace(text, value) === text.length;
      // So many that can be read are no accident: a list of references begins with `[1]`.
      if (read < 20 && value.end - value.start < 100_000) parseRange(text, value);
    }
  } catch (error) {
    if (error instanceof TributaryError) return false;
    throw error;
  }
}
