import {
  type ASTNode,
  type DocumentNode,
  Kind,
  type NameNode,
  parse,
  type StringValueNode,
  visit,
} from 'graphql';
import type { SubgraphSource } from './compose.ts';

const described: ReadonlySet<string> = new Set([
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
]);

/** Every type, field, argument and enum value without a description, as `ingest: Query.document(id)`. */
export function findUndescribed(sources: readonly SubgraphSource[]): string[] {
  return sources.flatMap(({ name, sdl }) => inDocument(parse(sdl)).map((path) => `${name}: ${path}`));
}

function inDocument(document: DocumentNode): string[] {
  const found: string[] = [];
  visit(document, {
    enter(node, _key, _parent, _path, ancestors) {
      if (!described.has(node.kind)) return;
      const { description } = node as { readonly description?: StringValueNode };
      if (description === undefined || description.value.trim() === '') found.push(pathOf(node, ancestors));
    },
  });
  return found;
}

function pathOf(node: ASTNode, ancestors: readonly (ASTNode | readonly ASTNode[])[]): string {
  const names: string[] = [];
  let inField = false;
  for (const ancestor of [...ancestors, node]) {
    if (!('kind' in ancestor) || !described.has(ancestor.kind)) continue;
    const name = (ancestor as { readonly name: NameNode }).name.value;
    names.push(inField ? `(${name})` : names.length === 0 ? name : `.${name}`);
    inField = ancestor.kind === Kind.FIELD_DEFINITION;
  }
  return names.join('');
}
