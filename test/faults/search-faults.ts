import { ask } from './ask.ts';
import type { Plan } from './make-plan.ts';
import type { Seeded } from './seeded.ts';

const search = /* GraphQL */ `
  query ($text: String!, $source: String!) {
    search(input: { text: $text, first: 10, filter: { sources: [$source] } }) {
      hits { nodes { chunk { text } } }
      coverage { sources { modality method status } }
    }
  }
`;
interface Found {
  readonly search: {
    readonly hits: { readonly nodes: readonly { readonly chunk: { readonly text: string } }[] };
  };
}

const samples = 100;

/** Searches for some of the documents: what is there is found with its last text, and what was deleted is not. */
export async function searchFaults(url: string, plan: Plan, random: Seeded): Promise<string[]> {
  const faults: string[] = [];
  for (let count = 0; count < samples; count++) {
    const { source } = random.pick(plan.operations);
    const wanted = plan.expected.get(source);
    const found = await ask<Found>(url, search, { text: `The mark of ${source}`, source });
    const texts = found.search.hits.nodes.map(({ chunk }) => chunk.text);
    if (texts.length > 1 || texts[0] !== wanted) {
      faults.push(
        `a search for ${source} finds ${JSON.stringify(texts)} in the place of ${wanted ?? 'nothing'}`,
      );
    }
  }
  return faults;
}
