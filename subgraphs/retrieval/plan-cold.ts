import type { Plan, Source, SourceCoverage } from './types.ts';

/**
 * The same plan with the cold documents in it: each source that is searched is searched among them, too, where that
 * is asked for; otherwise the coverage says that they are there and how to ask for them. Without any, nothing changes.
 *
 * @param coldDocuments how many the tenant has; null where that is not known.
 */
export function planCold(plan: Plan, coldDocuments: number | null): Plan {
  const { sources, skipped, includeCold } = plan;
  if (coldDocuments === 0 || (coldDocuments === null && !includeCold)) return plan;
  const lacking = skipped.filter(({ status }) => status === 'UNAVAILABLE');
  if (includeCold) {
    const cold = sources.map((source): Source => {
      const { collection, edges } = source;
      return {
        ...source,
        ...{ tier: 'COLD', collection: { ...collection, tier: 'cold' } },
        ...(edges === undefined ? {} : { edges: { ...edges, tier: 'cold' } }),
      };
    });
    const lackingCold = lacking.map((source): SourceCoverage => ({ ...source, tier: 'COLD' }));
    return { ...plan, sources: [...sources, ...cold], skipped: [...skipped, ...lackingCold] };
  }
  const documents = coldDocuments === 1 ? '1 document is' : `${coldDocuments} documents are`;
  const reason = `${documents} cold: no search has shown them for a long time. Ask with \`includeCold: true\` to search them, too.`;
  const left = [...sources, ...lacking].map(
    ({ modality, space, method }): SourceCoverage => ({
      ...{ modality, space, method, tier: 'COLD', status: 'SKIPPED', candidates: 0, tookMs: 0, reason },
    }),
  );
  return { ...plan, skipped: [...skipped, ...left] };
}
