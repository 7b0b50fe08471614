import { expect, it } from 'vitest';
import { DisposableStack } from './disposable-stack.ts';

it('disposes of all in reverse order, once, and reports the first failure after all have run', async () => {
  const order: string[] = [];
  const stack = new DisposableStack();
  stack.defer(() => void order.push('first'));
  stack.use({
    [Symbol.asyncDispose]: async () => {
      order.push('second');
      throw new Error('second failed');
    },
  });
  stack.defer(() => void order.push('third'));

  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second failed');
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second failed');

  expect(order).toEqual(['third', 'second', 'first']);
});
