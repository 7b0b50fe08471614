import type { WhisperTokens } from './whisper-tokens.ts';

export interface DecodingRules {
  readonly tokens: WhisperTokens;
  /** The latest beginning of the first segment, in steps of 20 ms. */
  readonly maxInitialTimestamp: number;
  /** The length of the sound, in steps of 20 ms: nothing is said behind it. */
  readonly lastTimestamp: number;
  /** Runs of so many tokens do not come twice; 0 for no such rule. */
  readonly repeatedRun: number;
}

/**
 * What may come next, as OpenAI's decoding has it (`whisper/decoding.py`): no special tokens and no signs; times in
 * pairs, each no earlier than the one before; the first one within the first second; and a time where times together
 * are likelier than any word. What may not come is set to minus infinity.
 *
 * @param logits of shape [vocabulary]; changed in place.
 * @param written the tokens behind those that a transcript starts with.
 */
export function applyDecodingRules(
  logits: Float32Array,
  written: readonly number[],
  { tokens, maxInitialTimestamp, lastTimestamp, repeatedRun }: DecodingRules,
): void {
  const { firstTimestamp, endOfText } = tokens;
  const forbid = (from: number, to: number) => logits.fill(Number.NEGATIVE_INFINITY, Math.max(0, from), to);
  for (const token of tokens.suppressed) logits[token] = Number.NEGATIVE_INFINITY;
  forbid(firstTimestamp + lastTimestamp + 1, logits.length);
  if (written.length === 0) {
    for (const token of tokens.suppressedAtBegin) logits[token] = Number.NEGATIVE_INFINITY;
    forbid(0, firstTimestamp);
    forbid(firstTimestamp + Math.min(maxInitialTimestamp, lastTimestamp) + 1, logits.length);
    return;
  }

  const isTime = (token: number | undefined) => token !== undefined && token >= firstTimestamp;
  const endsWithTime = isTime(written.at(-1));
  const isPair = written.length < 2 || isTime(written.at(-2));
  // Behind the time that ends a segment comes the one that begins the next, or the end; behind that one, words.
  if (endsWithTime && isPair) forbid(firstTimestamp, logits.length);
  else if (endsWithTime) forbid(0, endOfText);
  const latest = written.findLast(isTime);
  if (latest !== undefined) {
    // A segment is not empty.
    forbid(firstTimestamp, endsWithTime && !isPair ? latest : latest + 1);
  }
  if (repeatedRun > 0) forbidRepetition(logits, written, repeatedRun, tokens);
  if (timesAreLikelier(logits, firstTimestamp)) forbid(0, firstTimestamp);
}

/** Whether all times together are likelier than the likeliest other token. */
function timesAreLikelier(logits: Float32Array, firstTimestamp: number): boolean {
  let word = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < firstTimestamp; token++) word = Math.max(word, logits[token] ?? word);
  let time = Number.NEGATIVE_INFINITY;
  for (let token = firstTimestamp; token < logits.length; token++)
    time = Math.max(time, logits[token] ?? time);
  if (time === Number.NEGATIVE_INFINITY) return false;
  let sum = 0;
  for (let token = firstTimestamp; token < logits.length; token++)
    sum += Math.exp((logits[token] ?? time) - time);
  return time + Math.log(sum) > word;
}

/** Forbids the words that would make a run of words come a second time. */
function forbidRepetition(
  logits: Float32Array,
  written: readonly number[],
  run: number,
  { endOfText }: WhisperTokens,
): void {
  const words = written.filter((token) => token < endOfText);
  const recent = words.slice(words.length - run + 1);
  if (recent.length < run - 1) return;
  for (let start = 0; start + run <= words.length; start++) {
    if (recent.every((token, index) => words[start + index] === token)) {
      const next = words[start + run - 1];
      if (next !== undefined) logits[next] = Number.NEGATIVE_INFINITY;
    }
  }
}
