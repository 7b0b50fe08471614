import { expect, it } from 'vitest';
import { Throttle } from './throttle.ts';

it('holds for longer with every refusal, then tries one, and goes on when that succeeds', () => {
  let now = 0;
  const throttle = new Throttle(() => now);
  expect(throttle.limit(8)).toBe(8);
  throttle.hold();
  // Those that were begun together are refused together.
  throttle.hold();
  expect(throttle.limit(8)).toBe(0);
  now += 500;
  expect(throttle.limit(8)).toBe(1);
  throttle.hold();
  now += 999;
  expect(throttle.limit(8)).toBe(0);
  now += 1;
  expect(throttle.limit(8)).toBe(1);
  throttle.release();
  expect(throttle.limit(8)).toBe(8);
});

it('does not wait for ever', () => {
  let now = 0;
  const throttle = new Throttle(() => now);
  for (let refusals = 0; refusals < 20; refusals++) {
    throttle.hold();
    now += 30_000;
    expect(throttle.limit(4)).toBe(1);
  }
});
