import { describe, expect, it } from 'vitest';
import { plain } from './plain.ts';
import { excerpt, excerptAround, renderBytes, renderCoverage, renderLocator, renderMs } from './render.ts';

describe('what people read', () => {
  it('says where a passage stands, for every modality', () => {
    const box = { left: 0, top: 0, width: 1, height: 1 };
    expect(renderLocator({ __typename: 'TextRange', start: 3, end: 90 })).toBe('characters 3–90');
    expect(renderLocator({ __typename: 'PageRegion', page: 4, box })).toBe('page 4');
    expect(renderLocator({ __typename: 'ImageRegion', region: box })).toBe('the whole picture');
    expect(
      renderLocator({
        __typename: 'ImageRegion',
        region: { left: 0.25, top: 0.5, width: 0.5, height: 0.125 },
      }),
    ).toBe('25%–75% across, 50%–63% down');
    expect(
      renderLocator({
        __typename: 'PageRegion',
        page: 4,
        box: { left: 0.1, top: 0.2, width: 0.8, height: 0.1 },
      }),
    ).toBe('page 4, 10%–90% across, 20%–30% down');
    expect(renderLocator({ __typename: 'TimeSpan', startMs: 65_000, endMs: 3_725_000 })).toBe('1:05–1:02:05');
    expect(
      renderLocator({
        __typename: 'CellRange',
        sheet: 'Costs',
        firstRow: 2,
        lastRow: 9,
        firstColumn: 1,
        lastColumn: 3,
      }),
    ).toBe('sheet Costs, A2:C9');
  });

  it('says what was not searched, and why', () => {
    const text = { modality: 'TEXT', space: 'TEXT' } as const;
    const source = { ...text, tier: 'HOT', candidates: 5, tookMs: 1, reason: null } as const;
    expect(
      renderCoverage({
        complete: false,
        sources: [
          { ...source, method: 'DENSE', status: 'SEARCHED' },
          { ...source, method: 'SPARSE', status: 'UNAVAILABLE', reason: 'no index' },
          { ...source, modality: 'IMAGE', method: 'DENSE', status: 'SKIPPED' },
          { ...source, modality: 'IMAGE', space: 'VISUAL', method: 'DENSE', status: 'SEARCHED' },
          { ...source, modality: 'VIDEO', space: 'SOUND', method: 'DENSE', status: 'TIMED_OUT' },
        ],
      }),
    ).toBe(
      'INCOMPLETE, searched: text dense 5, text sparse unavailable (no index), image visual 5, video sound timed out',
    );
  });

  it('says of what was searched what is missing in it', () => {
    const visual = { modality: 'IMAGE', space: 'VISUAL', method: 'DENSE', tier: 'HOT' } as const;
    const found = { status: 'SEARCHED', candidates: 5, tookMs: 1 } as const;
    expect(
      renderCoverage({ complete: true, sources: [{ ...visual, ...found, reason: '2 have no vector.' }] }),
    ).toBe('Searched: image visual 5 (2 have no vector.)');
  });

  it('says of cold documents whether they were searched, and how to search them', () => {
    const text = { modality: 'TEXT', space: 'TEXT', method: 'DENSE' } as const;
    const source = { ...text, candidates: 5, tookMs: 1, reason: null } as const;
    const covered = (status: 'SEARCHED' | 'SKIPPED') =>
      renderCoverage({
        complete: true,
        sources: [
          { ...source, tier: 'HOT', status: 'SEARCHED' },
          { ...source, tier: 'COLD', status },
        ],
      });
    expect(covered('SEARCHED')).toBe('Searched: text dense 5, cold text dense 5');
    expect(covered('SKIPPED')).toBe(
      'Searched: text dense 5; cold documents were left out (--include-cold searches them)',
    );
  });

  it('shortens at a word', () => {
    expect(excerpt('one\n two   three', 100)).toBe('one two three');
    expect(excerpt('one two three four', 12)).toBe('one two…');
  });

  it('shows the part of a long passage in which the words of the query stand', () => {
    const text = `${'before '.repeat(60)}the seal is inspected ${'after '.repeat(60)}`;
    const start = text.indexOf('seal');
    const shown = excerptAround(text, [{ start, end: start + 4 }], 100);
    expect(shown).toMatch(/^…before .*the seal is inspected after.*…$/);
    expect(excerptAround(text, [], 20)).toBe('before before…');
    expect(excerptAround('short', [{ start: 0, end: 5 }], 20)).toBe('short');
  });

  it('gives sizes and times a unit', () => {
    expect(renderBytes(12)).toBe('12 bytes');
    expect(renderBytes(22_928_619)).toBe('22.9 MB');
    expect(renderMs(85.4)).toBe('85 ms');
    expect(renderMs(1_260)).toBe('1.3 s');
  });
});

describe('what programs read', () => {
  it('has the names of the contract', () => {
    expect(
      plain([
        { __typename: 'ImageRegion', region: { left: 0 } },
        { __typename: 'TextRange', start: 1 },
        null,
      ]),
    ).toEqual([{ type: 'ImageRegion', box: { left: 0 } }, { type: 'TextRange', start: 1 }, null]);
  });
});
