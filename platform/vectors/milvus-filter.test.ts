import { describe, expect, it } from 'vitest';
import { compileMilvusFilter } from './milvus-filter.ts';
import { searchTerms } from './milvus-rows.ts';
import { collectionOfMilvus, milvusCollectionName } from './milvus-schema.ts';

describe('a filter for Milvus', () => {
  const compiled = (filter: Parameters<typeof compileMilvusFilter>[1], tenant = 'acme') =>
    compileMilvusFilter(tenant, filter);

  it('names the partition keys of the modalities that can match, and no others', () => {
    expect(compiled(null)?.partitionKeys).toHaveLength(5);
    const text = { kind: 'modalityIn', modalities: ['TEXT'] } as const;
    const image = { kind: 'modalityIn', modalities: ['IMAGE'] } as const;
    expect(compiled(text)).toEqual({
      partitionKeys: ['acme/TEXT'],
      expression: 'partition in ["acme/TEXT"]',
      filtered: false,
    });
    const either = { kind: 'or', filters: [text, image] } as const;
    expect(compiled(either)?.partitionKeys).toEqual(['acme/TEXT', 'acme/IMAGE']);
    const pii = { kind: 'containsPii', value: true } as const;
    expect(compiled({ kind: 'and', filters: [text, pii] })?.expression).toBe(
      'partition in ["acme/TEXT"] and (contains_pii == true)',
    );
    expect(compiled({ kind: 'not', filter: text })?.partitionKeys).toHaveLength(5);
  });

  it('asks for nothing where nothing can match', () => {
    expect(compiled({ kind: 'authorIn', authors: [] })).toBeNull();
    expect(compiled({ kind: 'or', filters: [] })).toBeNull();
    expect(compiled({ kind: 'not', filter: { kind: 'and', filters: [] } })).toBeNull();
    expect(compiled({ kind: 'yearRange', from: 3, to: 2 })).toBeNull();
  });

  it('lets no value out of its quotes', () => {
    const value = 'a" or key != "\\" \n';
    expect(compiled({ kind: 'tagsAny', tags: [value] })?.expression).toContain(
      String.raw`array_contains_any(tags, ["a\" or key != \"\\\" \n"])`,
    );
    expect(compiled(null, 'x"] or key != "')?.expression).toContain(String.raw`"x\"] or key != \"/TEXT"`);
  });

  it('refuses to compare with what is no number', () => {
    const compare = (value: number) =>
      compiled({ kind: 'metadataCompare', path: ['n'], operator: '>', value });
    expect(() => compare(Number.NaN)).toThrow(RangeError);
    expect(() => compare(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe('what Milvus is given', () => {
  it('is words as they are compared, no more than it takes', () => {
    expect(searchTerms('The heated Turbines, at Orléans')).toBe('heat turbin orlean');
    expect(searchTerms('the of and')).toBe('');
    expect(Buffer.byteLength(searchTerms('überlang '.repeat(20_000)))).toBeLessThanOrEqual(65_535);
  });

  it('is names of collections that can be read back', () => {
    for (const collection of [
      { family: 'text', fingerprint: '0123456789abcdef' },
      { family: 'image', fingerprint: 'clip-b-32', tier: 'cold' },
    ] as const) {
      expect(collectionOfMilvus(milvusCollectionName(collection))).toEqual(collection);
    }
    expect(collectionOfMilvus('tributary_text_x_warm')).toBeNull();
    expect(collectionOfMilvus('somebody_elses')).toBeNull();
    expect(() => milvusCollectionName({ family: 'text', fingerprint: "x'; drop" })).toThrow(RangeError);
  });
});
