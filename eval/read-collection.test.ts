import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { CollectionError, readCollection } from './read-collection.ts';

const good = {
  'corpus.jsonl':
    '{"_id": "a", "title": "Seals", "text": "A seal.", "metadata": {}}\n{"_id": 7, "text": "Seven."}\n\n',
  'queries.jsonl':
    '{"_id": "2", "text": "second"}\r\n{"_id": "1", "text": "first"}\r\n{"_id": "3", "text": "third"}\n',
  'qrels.tsv': 'query-id\tcorpus-id\tscore\n1\ta\t2\n1\t7\t0\n2\ta\t1\n',
};

async function collection(files: Partial<Record<keyof typeof good, string | null>> = {}) {
  const folder = await temporaryDirectory();
  for (const [name, content] of Object.entries({ ...good, ...files })) {
    if (content !== null) await writeFile(join(folder.path, name), content);
  }
  return folder;
}

describe('a collection in BEIR layout', () => {
  it('is read, with the judged queries alone', async () => {
    await using folder = await collection();
    expect(await readCollection(folder.path)).toEqual({
      documents: [
        { id: 'a', title: 'Seals', text: 'A seal.' },
        { id: '7', title: '', text: 'Seven.' },
      ],
      queries: [
        { id: '2', text: 'second', judgements: new Map([['a', 1]]) },
        {
          id: '1',
          text: 'first',
          judgements: new Map([
            ['a', 2],
            ['7', 0],
          ]),
        },
      ],
    });
  });

  it('may do without the header of the judgements', async () => {
    await using folder = await collection({ 'qrels.tsv': '1\ta\t1\n' });
    const { queries } = await readCollection(folder.path);
    expect(queries.map(({ id }) => id)).toEqual(['1']);
  });

  it.each([
    [{ 'qrels.tsv': null }, 'A collection is a folder with corpus.jsonl, queries.jsonl and qrels.tsv.'],
    [{ 'qrels.tsv': '1\ta\t1\n1 b 1\n' }, 'qrels.tsv, line 2: it has not three columns separated by tabs.'],
    [{ 'qrels.tsv': '1\ta\t1\n1\tb\tmuch\n' }, 'qrels.tsv, line 2: "much" is not a whole number.'],
    [{ 'corpus.jsonl': '{"_id": "a"}\n{"_id": \n' }, 'corpus.jsonl, line 2:'],
    [{ 'corpus.jsonl': '{"text": "no id"}\n' }, 'corpus.jsonl, line 1: _id: Invalid input'],
    [{ 'corpus.jsonl': '\n' }, 'has no documents.'],
    [{ 'qrels.tsv': '9\ta\t1\n' }, 'is judged in qrels.tsv.'],
  ])('is refused, and what is wrong is named: %j', async (files, message) => {
    await using folder = await collection(files);
    await expect(readCollection(folder.path)).rejects.toThrow(CollectionError);
    await expect(readCollection(folder.path)).rejects.toThrow(message);
  });
});
