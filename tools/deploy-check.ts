import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAlerts } from '../deploy/check/check-alerts.ts';
import { checkCompose } from '../deploy/check/check-compose.ts';
import { inspectManifests } from '../deploy/check/inspect-manifests.ts';
import { installTools } from '../deploy/check/install-tools.ts';
import { openKubernetesSchemas } from '../deploy/check/kubernetes-schema.ts';
import { lintChart, renderChart, valueSets } from '../deploy/check/render-chart.ts';
import { simulateImage } from '../deploy/check/simulate-image.ts';
import { customResourceSchemas, validateManifests } from '../deploy/check/validate-manifests.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';

/**
 * `npm run deploy:check`: holds everything in `deploy/` to its own tools' judgement. The chart is linted, rendered and
 * validated for each set of values, on the oldest and the newest Kubernetes that it is for; the compose file is
 * loaded; the alerts are checked and tested; the image's steps are carried out, as far as that goes without Docker.
 */

const kubernetesVersions = ['1.29', '1.37'] as const;
let failures = 0;

async function step(title: string, action: () => Promise<readonly string[]>): Promise<void> {
  const started = performance.now();
  const problems = await action().catch((error: unknown) => [
    error instanceof Error ? error.message : String(error),
  ]);
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${title} (${took})`);
  for (const problem of problems) console.error(`    ${problem.replaceAll('\n', '\n    ')}`);
  if (problems.length > 0) failures++;
}

await using work = await temporaryDirectory();
const folder = async (name: string) => {
  const path = join(work.path, name);
  await mkdir(path, { recursive: true });
  return path;
};

const tools = await installTools();
const custom = await customResourceSchemas(tools);
for (const kubernetes of kubernetesVersions) {
  const own = await openKubernetesSchemas(tools.kubernetesWheel, kubernetes);
  for (const set of valueSets) {
    await step(`chart, values-${set}, Kubernetes ${kubernetes}`, async () => {
      await lintChart(tools.helm, set, kubernetes);
      const manifests = await renderChart(tools.helm, set, kubernetes);
      const scratch = await folder(`${set}-${kubernetes}`);
      return [
        ...(await validateManifests(manifests, { tools, kubernetes, own, custom, folder: scratch })),
        ...inspectManifests(manifests),
      ];
    });
  }
}
await step('compose.yaml', async () => checkCompose(tools.compose, await folder('compose')));
await step('alerts', () => checkAlerts(tools.promtool));
if (!process.argv.includes('--no-image')) {
  await step('the steps of the Dockerfile', async () => simulateImage(await folder('image')));
}
console.log(failures === 0 ? 'Everything in deploy/ is in order.' : `${failures} of the above failed.`);
process.exitCode = failures === 0 ? 0 : 1;
