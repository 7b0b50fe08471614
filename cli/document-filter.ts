import { readConditions, refuseFilter } from './conditions.ts';
import type { DocumentFilter, DocumentState, Modality } from './operations.generated.ts';

const states: readonly DocumentState[] = [
  'RECEIVED',
  'PROCESSING',
  'SEARCHABLE',
  'PARTIAL',
  'FAILED',
  'DELETED',
];
const modalities: readonly Modality[] = ['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'TABLE'];

/** How the filter of `documents` is written. */
export const documentFilterSyntax = `Write conditions joined by commas: state=searchable|partial (${states.join(', ').toLowerCase()}), modality=text, tag=pump, author=Jane, source=…, title~"part of the title".`;

/**
 * Reads the value of `--filter` of `documents`.
 *
 * @throws CommandFailure (usage) that teaches the syntax.
 */
export function readDocumentFilter(text: string): DocumentFilter {
  let filter: DocumentFilter = {};
  for (const { field, operator, values, written } of readConditions(text, documentFilterSyntax)) {
    const texts = values.map((value) => value.text);
    const [first = '', ...others] = texts;
    const wanted = field === 'title' ? '~' : '=';
    if (operator !== wanted) {
      throw refuseFilter(`"${written}": write ${field}${wanted}… here.`, documentFilterSyntax);
    }
    if (others.length > 0 && field !== 'state' && field !== 'modality') {
      throw refuseFilter(`"${written}" can have one value only.`, documentFilterSyntax);
    }
    switch (field) {
      case 'state':
        filter = { ...filter, states: texts.map((value) => oneOf(states, value, written)) };
        break;
      case 'modality':
        filter = { ...filter, modalities: texts.map((value) => oneOf(modalities, value, written)) };
        break;
      case 'tag':
        filter = { ...filter, tags: [...(filter.tags ?? []), first] };
        break;
      case 'author':
        filter = { ...filter, author: first };
        break;
      case 'source':
        filter = { ...filter, source: first };
        break;
      case 'title':
        filter = { ...filter, titleContains: first };
        break;
      default:
        throw refuseFilter(`"${written}": there is no field "${field}" to filter by.`, documentFilterSyntax);
    }
  }
  return filter;
}

function oneOf<T extends string>(allowed: readonly T[], value: string, written: string): T {
  const found = allowed.find((one) => one === value.toUpperCase());
  if (found === undefined) {
    throw refuseFilter(
      `"${written}": "${value}" is none of ${allowed.join(', ').toLowerCase()}.`,
      documentFilterSyntax,
    );
  }
  return found;
}
