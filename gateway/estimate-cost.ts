import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';
import { fragmentsOf } from './measure-operation.ts';

/** What one field of the schema costs. */
interface FieldCost {
  /** The cost of one object or value that the field gives. */
  readonly weight: number;
  /** The named type that the field gives. */
  readonly type: string;
  readonly isList: boolean;
  readonly size: ListSize | null;
  /** The defaults of the arguments that say how long a list is. */
  readonly defaults: ReadonlyMap<string, number>;
}

/** `@listSize` of the demand control specification. */
interface ListSize {
  readonly assumed: number | null;
  readonly slicing: readonly string[];
  readonly sized: readonly string[];
}

/** Estimates the cost of an operation before it is executed. */
export type EstimateCost = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => number;

/** A list of which nothing is known is taken to have this many items. */
const unknownListSize = 10;
const mutationCost = 10;

const isNamed = (node: { readonly name: { readonly value: string } }, name: string) =>
  node.name.value === name || node.name.value.endsWith(`__${name}`);

const numberOf = (value: ValueNode | undefined): number | null =>
  value?.kind === Kind.INT || value?.kind === Kind.FLOAT ? Number(value.value) : null;

const textsOf = (value: ValueNode | undefined): string[] =>
  value?.kind === Kind.LIST
    ? value.values.flatMap((item) => (item.kind === Kind.STRING ? [item.value] : []))
    : [];

const argument = (node: ConstDirectiveNode | undefined, name: string) =>
  node?.arguments?.find((one) => one.name.value === name)?.value;

const directive = (nodes: readonly ConstDirectiveNode[] | undefined, name: string) =>
  nodes?.find((one) => isNamed(one, name));

const weightOf = (nodes: readonly ConstDirectiveNode[] | undefined): number | null =>
  numberOf(argument(directive(nodes, 'cost'), 'weight'));

function listSizeOf(field: FieldDefinitionNode): ListSize | null {
  const found = directive(field.directives, 'listSize');
  if (!found) return null;
  return {
    assumed: numberOf(argument(found, 'assumedSize')),
    slicing: textsOf(argument(found, 'slicingArguments')),
    sized: textsOf(argument(found, 'sizedFields')),
  };
}

function unwrap(type: TypeNode): { readonly name: string; readonly isList: boolean } {
  if (type.kind === Kind.NAMED_TYPE) return { name: type.name.value, isList: false };
  const inner = unwrap(type.type);
  return { name: inner.name, isList: inner.isList || type.kind === Kind.LIST_TYPE };
}

/** What every field of a supergraph costs, by type and field. */
function readCosts(supergraph: DocumentNode): ReadonlyMap<string, ReadonlyMap<string, FieldCost>> {
  const typeWeights = new Map<string, number>();
  for (const definition of supergraph.definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    const weight = weightOf(definition.directives as readonly ConstDirectiveNode[]);
    const isComposite =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      definition.kind === Kind.UNION_TYPE_DEFINITION;
    typeWeights.set(definition.name.value, weight ?? (isComposite ? 1 : 0));
  }
  const costs = new Map<string, Map<string, FieldCost>>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue;
    const fields = new Map<string, FieldCost>();
    for (const field of definition.fields ?? []) {
      const { name, isList } = unwrap(field.type);
      const defaults = new Map<string, number>();
      for (const input of field.arguments ?? []) {
        const value = numberOf(input.defaultValue);
        if (value !== null) defaults.set(input.name.value, value);
      }
      const weight = weightOf(field.directives) ?? typeWeights.get(name) ?? 0;
      fields.set(field.name.value, { weight, type: name, isList, size: listSizeOf(field), defaults });
    }
    costs.set(definition.name.value, fields);
  }
  return costs;
}

/** The number that an argument of a field has: written down, in a variable, or by default. */
function argumentNumber(
  node: FieldNode,
  name: string,
  cost: FieldCost,
  variables: Readonly<Record<string, unknown>>,
  operation: OperationDefinitionNode,
): number | null {
  const given: ArgumentNode | undefined = node.arguments?.find((one) => one.name.value === name);
  if (!given) return cost.defaults.get(name) ?? null;
  if (given.value.kind !== Kind.VARIABLE) return numberOf(given.value);
  const variable = given.value.name.value;
  if (variable in variables) {
    const value = variables[variable];
    return typeof value === 'number' ? value : null;
  }
  const declared = operation.variableDefinitions?.find((one) => one.variable.name.value === variable);
  return numberOf(declared?.defaultValue) ?? cost.defaults.get(name) ?? null;
}

/**
 * Estimates costs as the demand control specification counts them, from `@cost` and `@listSize` in the supergraph:
 * each object weighs 1 and each value 0 where nothing else is said, a list multiplies what is below it by its
 * size, and a mutation costs 10 beside. Before anything is executed, unlike the gateway runtime's own counting,
 * which refuses an operation half-way, and lets a subscription run dry after many events.
 */
export function createCostEstimator(supergraphSdl: string): EstimateCost {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const costs = readCosts(supergraph);
  const roots = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION) continue;
    for (const { operation, type } of definition.operationTypes) roots.set(operation, type.name.value);
  }
  const fallbackRoots = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

  return (document, operation, variables) => {
    const fragments = fragmentsOf(document);
    /** A fragment costs the same wherever it is spread, unless its parent says how long its lists are. */
    const known = new Map<string, number>();

    function ofField(node: FieldNode, parent: string, sizes: ReadonlyMap<string, number>): number {
      const cost = costs.get(parent)?.get(node.name.value);
      if (!cost) return 0;
      let size: number | null = null;
      if (cost.size) {
        const sliced = cost.size.slicing
          .map((name) => argumentNumber(node, name, cost, variables, operation))
          .filter((value) => value !== null);
        size = sliced.length > 0 ? Math.max(...sliced) : cost.size.assumed;
      }
      const sizesBelow = new Map<string, number>();
      for (const name of cost.size?.sized ?? []) sizesBelow.set(name, size ?? unknownListSize);
      const below = node.selectionSet ? ofSelections(node.selectionSet, cost.type, sizesBelow) : 0;
      const own = cost.weight + below;
      if (!cost.isList) return own;
      const ownSize = (cost.size?.sized.length ?? 0) > 0 ? null : size;
      return Math.max(0, sizes.get(node.name.value) ?? ownSize ?? unknownListSize) * own;
    }

    function ofFragment(name: string, sizes: ReadonlyMap<string, number>): number {
      const fragment = fragments.get(name);
      if (!fragment) return 0;
      const key = `${name}|${[...sizes].join()}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      known.set(key, 0);
      const cost = ofSelections(fragment.selectionSet, fragment.typeCondition.name.value, sizes);
      known.set(key, cost);
      return cost;
    }

    function ofSelections(
      selections: SelectionSetNode,
      parent: string,
      sizes: ReadonlyMap<string, number>,
    ): number {
      let total = 0;
      for (const selection of selections.selections) {
        if (selection.kind === Kind.FIELD) total += ofField(selection, parent, sizes);
        else if (selection.kind === Kind.FRAGMENT_SPREAD) total += ofFragment(selection.name.value, sizes);
        else
          total += ofSelections(selection.selectionSet, selection.typeCondition?.name.value ?? parent, sizes);
      }
      return total;
    }

    const root = roots.get(operation.operation) ?? fallbackRoots[operation.operation];
    const base = operation.operation === 'mutation' ? mutationCost : 0;
    return base + ofSelections(operation.selectionSet, root, new Map());
  };
}
