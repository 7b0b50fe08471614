import { expect, it } from 'vitest';
import { MilvusHealth } from './milvus-health.ts';

function at() {
  let now = 1_000;
  const health = new MilvusHealth(() => now);
  return { health, pass: (ms: number) => (now += ms) };
}

it('gives a connection up after three calls without an answer, and two seconds of silence', () => {
  const { health, pass } = at();
  for (let count = 0; count < 10; count++) expect(health.failed()).toBe(false);
  pass(2_000);
  expect(health.failed()).toBe(true);
});

it('does not give up one that was idle because of one call that fails', () => {
  const { health, pass } = at();
  pass(60_000);
  expect(health.failed()).toBe(false);
  expect(health.failed()).toBe(false);
  expect(health.failed()).toBe(true);
});

it('keeps one that answers now and then', () => {
  const { health, pass } = at();
  for (let count = 0; count < 10; count++) {
    pass(1_900);
    expect(health.failed()).toBe(false);
    expect(health.failed()).toBe(false);
    expect(health.failed()).toBe(false);
    health.answered();
  }
});
