import type { Comparison, Figure } from './report.ts';
import { median } from './statistics.ts';

/** One of those that are measured side by side. */
export interface Contender<What extends string> {
  readonly name: string;
  /** One round: a value for every metric. */
  measure(round: number): Promise<Readonly<Record<What, number>>>;
}

/** What the rounds of all contenders gave. */
export interface Measured<What extends string> {
  readonly figures: Figure[];
  /** Sets a figure of ours beside a peer's. @throws RangeError for a name that nothing has. */
  compare(ours: string, peer: string, what: What, label?: string): Comparison;
}

/**
 * Measures contenders side by side: round by round, each round beginning with the next one of them, so that
 * neither the machine's other work nor the order favours any. The first `warmUps` rounds are thrown away.
 */
export async function alternate<What extends string>(
  metrics: Readonly<Record<What, { readonly unit: string; readonly better: 'higher' | 'lower' }>>,
  contenders: readonly Contender<What>[],
  { rounds, warmUps = 1 }: { readonly rounds: number; readonly warmUps?: number },
): Promise<Measured<What>> {
  const whats = Object.keys(metrics) as What[];
  const values = new Map(contenders.map(({ name }) => [name, new Map<What, number[]>()]));
  for (let round = 0; round < rounds + warmUps; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (!contender) continue;
      const measured = await contender.measure(round);
      if (round < warmUps) continue;
      for (const what of whats) {
        const known = values.get(contender.name);
        known?.set(what, [...(known.get(what) ?? []), measured[what]]);
      }
    }
  }
  const roundsOf = (contender: string, what: What): number[] => {
    const found = values.get(contender)?.get(what);
    if (!found) throw new RangeError(`Nothing measured the ${what} of ${contender}.`);
    return found;
  };
  return {
    figures: contenders.flatMap(({ name }) =>
      whats.map((what) => ({
        contender: name,
        what,
        unit: metrics[what].unit,
        median: median(roundsOf(name, what)),
        rounds: roundsOf(name, what),
      })),
    ),
    compare(ours, peer, what, label = what) {
      const mine = roundsOf(ours, what);
      const theirs = roundsOf(peer, what);
      return {
        what: label,
        unit: metrics[what].unit,
        better: metrics[what].better,
        ours: { contender: ours, median: median(mine) },
        peer: { contender: peer, median: median(theirs) },
        ratio: median(mine.map((value, round) => value / (theirs[round] ?? Number.NaN))),
      };
    },
  };
}
