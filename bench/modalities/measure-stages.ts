import { alternate } from '../harness/alternate.ts';
import type { Findings } from '../harness/benchmark.ts';
import type { Comparison, Figure } from '../harness/report.ts';
import { median } from '../harness/statistics.ts';

export interface Stages {
  /** What is ingested, such as `Pictures`. */
  readonly what: string;
  /** What is counted, such as `pictures`. */
  readonly noun: string;
  readonly setup: string;
  /** Puts a round's material in until all of it can be found. @returns how much of it there was. */
  ingest(): Promise<number>;
  /** Gets ready what the bare model is run on, unmeasured, behind each `ingest`. */
  prepare?(): Promise<void>;
  /** Decodes the newest round's material, and nothing else; left out where there is next to nothing to it. */
  decode?(): Promise<number>;
  /** Runs the bare model on what the newest round's material gave. */
  encode(): Promise<number>;
  /** What the bare model is, for people. */
  readonly peer: string;
}

const rounds = 3;

/** Measures the whole of ingest beside its parts alone, round by round. */
export async function measureStages({
  what,
  noun,
  setup,
  ingest,
  prepare = async () => undefined,
  decode,
  encode,
  peer,
}: Stages): Promise<Findings> {
  const rate = `rate of ${noun}`;
  const ours = `Tributary, ${noun} to searchable`;
  const decoding = `decoding of ${noun} alone`;
  let begun = false;
  const measure = (work: () => Promise<number>) => async () => {
    if (!begun && work !== ingest) {
      await ingest();
      await prepare();
    }
    begun = true;
    const startedMs = performance.now();
    const amount = await work();
    const elapsedMs = performance.now() - startedMs;
    if (work === ingest) await prepare();
    return { [rate]: (amount * 1000) / elapsedMs };
  };
  const measured = await alternate(
    { [rate]: { unit: `${noun}/s`, better: 'higher' } },
    [
      { name: ours, measure: measure(ingest) },
      ...(decode ? [{ name: decoding, measure: measure(decode) }] : []),
      { name: peer, measure: measure(encode) },
    ],
    { rounds },
  );
  return {
    title: what,
    setup: [`${what}: ${setup}`],
    figures: measured.figures,
    comparisons: [
      measured.compare(ours, peer, rate, `${what} to searchable`),
      ...(decode ? [overlap(what, noun, measured.figures, [decoding, peer])] : []),
    ],
  };
}

/** The time of the whole beside that of its parts one after the other: below 1 they overlap. */
function overlap(
  what: string,
  noun: string,
  [whole, ...rest]: readonly Figure[],
  parts: readonly string[],
): Comparison {
  const mine = (whole?.rounds ?? []).map((rate) => 1000 / rate);
  const theirs = mine.map((_, round) =>
    rest
      .filter(({ contender }) => parts.includes(contender))
      .reduce((sum, { rounds }) => sum + 1000 / (rounds[round] ?? Number.NaN), 0),
  );
  return {
    what: `${what}, time of 1,000 ${noun}`,
    ...{ unit: 's', better: 'lower' },
    ours: { contender: 'Tributary, all of ingest', median: median(mine) },
    peer: { contender: 'decoding, then encoding', median: median(theirs) },
    ratio: median(mine.map((value, round) => value / (theirs[round] ?? Number.NaN))),
  };
}
