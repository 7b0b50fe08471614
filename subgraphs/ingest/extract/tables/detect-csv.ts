/** How a file of values separated by characters is written. */
export interface CsvDialect {
  readonly delimiter: string;
  /** Null where quotes are characters like others. */
  readonly quote: string | null;
  /** How many lines of it say how it is written: `sep=;`. */
  readonly skippedLines: number;
}

const sampleCharacters = 64 * 1024;
const sampleLines = 100;

/**
 * Finds out by which character values are separated: the one that most lines have the same number of times, at least
 * once, outside of quotes.
 *
 * @param given the one that the file's kind names.
 */
export function detectCsv(text: string, given: string | null = null): CsvDialect {
  const said = /^sep=([^\r\n])\r?\n/i.exec(text);
  if (said?.[1] !== undefined) return { delimiter: said[1], quote: quoteOf(text), skippedLines: 1 };
  const quote = quoteOf(text);
  if (given !== null) return { delimiter: given, quote, skippedLines: 0 };
  const lines = linesOf(text.slice(0, sampleCharacters), quote, text.length > sampleCharacters);
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of [',', ';', '\t', '|']) {
    const counts = lines.map((line) => occurrences(line, delimiter, quote));
    const [count, share] = commonest(counts.filter((each) => each > 0));
    // The character that separates is in most lines; of two, the one that is so more regularly, and more often.
    const score = lines.length === 0 ? 0 : (share / lines.length) ** 2 * Math.log2(1 + count);
    if (score > best.score + 1e-9) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, quote, skippedLines: 0 };
}

/** Single quotes are taken for quotes only where they stand around values, and double ones never do. */
function quoteOf(text: string): string {
  const sample = text.slice(0, sampleCharacters);
  if (/(?:^|[,;\t|\n])"/.test(sample)) return '"';
  return /(?:^|[,;\t|\n])'[^'\n]*'(?=[,;\t|\r\n])/.test(sample) ? "'" : '"';
}

function linesOf(sample: string, quote: string | null, isCut: boolean): string[] {
  const lines: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < sample.length && lines.length < sampleLines; at++) {
    const character = sample[at];
    if (character === quote) quoted = !quoted;
    else if (character === '\n' && !quoted) {
      lines.push(sample.slice(start, at));
      start = at + 1;
    }
  }
  if (lines.length < sampleLines && (!isCut || lines.length === 0)) lines.push(sample.slice(start));
  return lines.filter((line) => line.trim() !== '');
}

function occurrences(line: string, delimiter: string, quote: string | null): number {
  let count = 0;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === quote) quoted = !quoted;
    else if (character === delimiter && !quoted) count++;
  }
  return count;
}

function commonest(counts: readonly number[]): [count: number, lines: number] {
  const lines = new Map<number, number>();
  for (const count of counts) lines.set(count, (lines.get(count) ?? 0) + 1);
  return [...lines].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
}
