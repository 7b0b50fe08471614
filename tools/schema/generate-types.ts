import { generate } from '@graphql-codegen/cli';
import { type DocumentNode, type FragmentDefinitionNode, Kind, parse, print, visit } from 'graphql';
import type { SubgraphSource } from './compose.ts';

const scalars = { DateTime: 'string', JSON: 'unknown', URL: 'string', ID: 'string' };

const shared = {
  useTypeImports: true,
  strictScalars: true,
  enumType: 'string-literal',
  enumsAsTypes: true,
  immutableTypes: true,
  importExtension: '',
  skipTypename: true,
  maybeValue: 'T | null',
  inputMaybeValue: 'T | null | undefined',
} as const;

const header =
  '// Made by `npm run schema` from schema/*.graphql: change those, and the models and operations beside this file.\n';

/** What a subgraph says about itself, beside its part of the schema. */
export interface ResolverOptions {
  /** The source of its `models.ts`, where it has one: an exported `DocumentModel` is the parent of `Document`. */
  readonly models: string | null;
  /** The source of its `context.ts`, where it has one: its exported `…Context` is the resolvers' context. */
  readonly context: string | null;
}

/** The types of one subgraph's resolvers, as the source of its `schema.generated.ts`. */
export async function generateResolverTypes(
  source: SubgraphSource,
  options: ResolverOptions,
): Promise<string> {
  const contextName = exportedNames(options.context ?? '').find((name) => name.endsWith('Context'));
  const models = exportedNames(options.models ?? '').filter((name) => name.endsWith('Model'));
  const content = await run({
    schema: source.sdl,
    plugins: ['typescript', 'typescript-resolvers'],
    config: {
      ...shared,
      federation: true,
      scalars: { ...scalars, _FieldSet: 'string' },
      contextType: contextName
        ? `./context.ts#${contextName}`
        : '../../platform/subgraph.ts#OperationContext',
      mappers: Object.fromEntries(
        models.map((name) => [name.slice(0, -'Model'.length), `./models.ts#${name}`]),
      ),
      avoidOptionals: { field: true },
      resolversNonOptionalTypename: { unionMember: true, interfaceImplementingType: true },
    },
  });
  return header + content;
}

/**
 * The types of a client's operations, and each operation itself as a constant
 * (`query Search` becomes `SearchOperation`), as the source of an `operations.generated.ts`.
 */
export async function generateOperationTypes(publicSdl: string, operations: string): Promise<string> {
  const types = await run({
    schema: publicSdl,
    documents: operations,
    plugins: ['typescript-operations'],
    config: {
      ...shared,
      skipTypename: false,
      nonOptionalTypename: false,
      scalars,
      arrayInputCoercion: false,
    },
  });
  return `${header}${types}\n${operationConstants(parse(operations))}`;
}

async function run(target: {
  schema: string;
  documents?: string;
  plugins: string[];
  config: object;
}): Promise<string> {
  const outputs: unknown = await generate(
    { silent: true, errorsOnly: true, generates: { 'output.ts': target } },
    false,
  );
  const [output] = outputs as { readonly content: string }[];
  if (output === undefined) throw new Error('The code generator gave nothing.');
  return output.content;
}

const exportedNames = (source: string): string[] =>
  [...source.matchAll(/^export (?:declare )?(?:abstract )?(?:interface|type|class) (\w+)/gm)].flatMap(
    ([, name]) => (name === undefined ? [] : [name]),
  );

const operationType = `/** An operation and the types that go with it. \`types\` is never there: it only carries them. */
export interface Operation<Result, Variables> {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly text: string;
  readonly types?: (variables: Variables) => Result;
}
`;

function operationConstants(document: DocumentNode): string {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const constants = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.name === undefined) return [];
    const used = new Set<string>();
    const collect = (node: typeof definition | FragmentDefinitionNode): void => {
      visit(node, {
        FragmentSpread({ name }) {
          const fragment = fragments.get(name.value);
          if (fragment === undefined || used.has(name.value)) return;
          used.add(name.value);
          collect(fragment);
        },
      });
    };
    collect(definition);
    const parts = [definition, ...[...used].flatMap((name) => fragments.get(name) ?? [])];
    const name = definition.name.value;
    const kind = definition.operation;
    const typeName = `${name}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const text = JSON.stringify(parts.map(print).join('\n\n'));
    return [
      `export const ${name}Operation: Operation<${typeName}, ${typeName}Variables> = {\n  kind: '${kind}',\n  name: '${name}',\n  text: ${text},\n};\n`,
    ];
  });
  return [operationType, ...constants].join('\n');
}
