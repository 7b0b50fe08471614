/** The time, as a port, so that tests can set it. */
export interface Clock {
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
