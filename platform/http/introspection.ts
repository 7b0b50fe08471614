import { type DocumentNode, Kind } from 'graphql';

const introspectionFields = new Set(['__schema', '__type', '__typename', '_service']);

/** Whether a document asks for nothing but the schema itself: what a composer needs, and no data. */
export const asksOnlyForSchema = (document: DocumentNode): boolean =>
  document.definitions.every(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ||
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === 'query' &&
        definition.selectionSet.selections.every(
          (selection) => selection.kind === Kind.FIELD && introspectionFields.has(selection.name.value),
        )),
  );
