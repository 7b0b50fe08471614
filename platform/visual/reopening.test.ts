import { describe, expect, it } from 'vitest';
import { createReopening } from './reopening.ts';

/** Opens numbered things, which live until the test ends them. */
function opener() {
  const made: { number: number; alive: boolean; closed: boolean }[] = [];
  const open = async () => {
    const one = { number: made.length, alive: true, closed: false };
    made.push(one);
    return Object.assign(one, {
      [Symbol.asyncDispose]: async () => {
        one.closed = true;
      },
    });
  };
  return { made, open };
}

describe('what is opened at its first use', () => {
  it('is opened once, also by callers of the same moment', async () => {
    const { made, open } = opener();
    const reopening = createReopening(open);
    expect(reopening.opened).toBeNull();
    const [first, second] = await Promise.all([reopening.get(), reopening.get()]);
    expect(first).toBe(second);
    expect(reopening.opened).toBe(first);
    expect(made).toHaveLength(1);
  });

  it('is opened again after it has died', async () => {
    const { made, open } = opener();
    const reopening = createReopening(open);
    (await reopening.get()).alive = false;
    expect((await reopening.get()).number).toBe(1);
    await reopening[Symbol.asyncDispose]();
    expect(made[1]?.closed).toBe(true);
  });

  it('is tried again after opening has failed', async () => {
    const { open } = opener();
    let failures = 1;
    const reopening = createReopening(async () => {
      if (failures-- > 0) throw new Error('not yet');
      return open();
    });
    await expect(reopening.get()).rejects.toThrow('not yet');
    expect((await reopening.get()).number).toBe(0);
  });

  it('needs no closing where it was never used', async () => {
    const { made, open } = opener();
    await createReopening(open)[Symbol.asyncDispose]();
    expect(made).toHaveLength(0);
  });
});
