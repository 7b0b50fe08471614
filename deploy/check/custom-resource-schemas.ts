import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { Schema } from './kubernetes-schema.ts';

interface CustomResourceDefinition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema?: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/**
 * The structural schema of a custom resource as a JSON schema that refuses what the definition does not know, as a
 * Kubernetes server with strict field validation does.
 */
export function strictSchema(schema: unknown, isPart = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => strictSchema(item, isPart));
  if (typeof schema !== 'object' || schema === null) return schema;
  const made: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'format' || key === 'description' || key.startsWith('x-kubernetes-')) continue;
    made[key] =
      key === 'properties'
        ? Object.fromEntries(
            Object.entries(value as Schema).map(([name, property]) => [name, strictSchema(property, isPart)]),
          )
        : // What stands in these says more of the same value; which fields there are is said outside.
          strictSchema(value, isPart || ['oneOf', 'anyOf', 'allOf', 'not'].includes(key));
  }
  const source = schema as Schema;
  if (source['x-kubernetes-int-or-string'] === true) {
    delete made.type;
    return { ...made, anyOf: [{ type: 'integer' }, { type: 'string' }] };
  }
  if (source.nullable === true && typeof made.type === 'string') made.type = [made.type, 'null'];
  const open = source['x-kubernetes-preserve-unknown-fields'] === true;
  if (source.properties !== undefined && source.additionalProperties === undefined && !open && !isPart) {
    made.additionalProperties = false;
  }
  return made;
}

/** The name that a schema is kept under: `Certificate_cert-manager.io_v1`. */
export const schemaName = (kind: string, apiVersion: string): string =>
  `${kind}_${apiVersion.replace('/', '_')}`;

/** The strict schemas of all custom resources that are defined in a file, by `schemaName`. */
export async function readCustomResources(file: string): Promise<Map<string, Schema>> {
  const schemas = new Map<string, Schema>();
  for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
    const definition = document.toJS() as CustomResourceDefinition | null;
    if (definition?.kind !== 'CustomResourceDefinition') continue;
    const { group, names, versions } = definition.spec;
    for (const { name, schema } of versions) {
      if (schema === undefined) continue;
      const strict = strictSchema(schema.openAPIV3Schema) as Schema & { properties: Schema };
      // A definition need not say what every object has: the server knows it.
      Object.assign(strict.properties, { apiVersion: {}, kind: {}, metadata: { type: 'object' } });
      schemas.set(schemaName(names.kind, `${group}/${name}`), strict);
    }
  }
  return schemas;
}
