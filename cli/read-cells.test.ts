import { describe, expect, it } from 'vitest';
import { CommandFailure } from './failure.ts';
import { readCells } from './read-cells.ts';

describe('conditions on the rows of tables', () => {
  it.each([
    ['price>100', { column: 'price', greaterThan: 100 }],
    ['price >= 0.5', { column: 'price', atLeast: 0.5 }],
    ['price<-3', { column: 'price', lessThan: -3 }],
    ['since<=2026-01-31', { column: 'since', atMost: '2026-01-31' }],
    ['Unit price<=5', { column: 'Unit price', atMost: 5 }],
    ['"a<b"=1', { column: 'a<b', equals: 1 }],
    ['colour=red', { column: 'colour', equals: 'red' }],
    ['colour=red|blue', { column: 'colour', in: ['red', 'blue'] }],
    ['id="007"', { column: 'id', equals: '007' }],
    ['active=true', { column: 'active', equals: true }],
    ['price', { column: 'price', exists: true }],
  ])('reads %s', (text, condition) => {
    expect(readCells([text])).toEqual([condition]);
  });

  it.each([
    ['>5', 'is not a condition'],
    ['price>', 'has no value'],
    ['price>red', 'compares with a number or a date'],
    ['price>1|2', 'compares with one value'],
    ['price!=1', '!= is not possible'],
  ])('refuses %s', (text, message) => {
    expect(() => readCells([text])).toThrow(CommandFailure);
    expect(() => readCells([text])).toThrow(message);
  });
});
