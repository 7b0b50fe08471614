import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The fragments of a document by their names. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** The operations of a document. */
export const operationsOf = (document: DocumentNode): OperationDefinitionNode[] =>
  document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

interface Measure {
  readonly depth: number;
  readonly aliases: number;
}

/**
 * How deep the operation nests, and how many aliases it has, fragments counted wherever they are spread. What is
 * asked of the schema itself is left out: its depth is bounded by a rule of GraphQL's own. Fragments that spread
 * themselves count once; another rule refuses them.
 */
export function measureOperation(operation: OperationDefinitionNode, document: DocumentNode): Measure {
  const fragments = fragmentsOf(document);
  const measured = new Map<string, Measure>();
  const nothing: Measure = { depth: 0, aliases: 0 };

  function ofFragment(name: string): Measure {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const measure = fragment ? ofSelections(fragment.selectionSet) : nothing;
    measured.set(name, measure);
    return measure;
  }

  function ofSelections(selections: SelectionSetNode): Measure {
    let depth = 0;
    let aliases = 0;
    for (const selection of selections.selections) {
      let inner = nothing;
      if (selection.kind === Kind.FIELD) {
        if (selection.alias) aliases += 1;
        if (selection.name.value.startsWith('__')) continue;
        const below = selection.selectionSet ? ofSelections(selection.selectionSet) : nothing;
        inner = { depth: below.depth + 1, aliases: below.aliases };
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) inner = ofFragment(selection.name.value);
      else inner = ofSelections(selection.selectionSet);
      depth = Math.max(depth, inner.depth);
      aliases += inner.aliases;
    }
    return { depth, aliases };
  }

  return ofSelections(operation.selectionSet);
}
