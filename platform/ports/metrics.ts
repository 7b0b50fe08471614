import type { MetricLabels, MetricName } from '../metrics/catalogue.ts';

/** One value of a gauge. */
export interface GaugeReading<Name extends MetricName<'gauge'>> {
  readonly labels: MetricLabels<Name>;
  readonly value: number;
}

/** Counts and measures, for those who watch over the process. Never throws, and costs next to nothing. */
export interface Metrics {
  /** Adds to a counter; 1 by default. */
  add<Name extends MetricName<'counter'>>(name: Name, labels: MetricLabels<Name>, by?: number): void;
  /** Notes how long something took, in seconds. */
  observe<Name extends MetricName<'histogram'>>(
    name: Name,
    labels: MetricLabels<Name>,
    seconds: number,
  ): void;
  /**
   * Has a gauge read whenever somebody looks, until it is disposed of. Where several are read for one gauge and the
   * same labels, their values are added up. What fails or takes too long is left out.
   */
  watch<Name extends MetricName<'gauge'>>(
    name: Name,
    read: (signal: AbortSignal) => readonly GaugeReading<Name>[] | Promise<readonly GaugeReading<Name>[]>,
  ): Disposable;
}

/** Where nobody watches. */
export const noMetrics: Metrics = {
  add() {},
  observe() {},
  watch: () => ({ [Symbol.dispose]() {} }),
};
