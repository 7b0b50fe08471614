import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../platform/metrics/catalogue.ts';
import { projectFile } from '../platform/project-file.ts';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly record?: string;
      readonly expr: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
}

const read = (path: string) => readFile(projectFile(path), 'utf8');
const { groups } = parse(await read('deploy/alerts/tributary.yaml')) as Rules;
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => rule.alert !== undefined);

/** The metrics that a text names; those of a histogram without what it is made of. */
const metricsIn = (text: string): string[] =>
  [...text.matchAll(/(?<![\w:])tributary_[a-z0-9_]+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
/** Made by the adapter, and not by us. */
const adapted = new Set(['tributary_search_p95_seconds']);
/** A login of PostgreSQL, which begins like a metric. */
const others = new Set(['tributary_services', 'tributary_app', 'tributary_worker']);
const unknown = (text: string) =>
  metricsIn(text).filter((name) => !(name in catalogue) && !adapted.has(name) && !others.has(name));

describe('alerts', () => {
  it('each say how urgent they are and where the runbook is', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(['page', 'ticket'], alert).toContain(labels?.severity);
      expect(annotations?.summary, alert).toBeTruthy();
      expect(annotations?.runbook).toBe(`deploy/runbooks/${alert}.md`);
    }
  });

  it('each have a runbook, and each runbook an alert', async () => {
    const books = (await readdir(projectFile('deploy/runbooks'))).map((name) => name.replace(/\.md$/, ''));
    expect(books.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    for (const book of books) {
      const text = await read(`deploy/runbooks/${book}.md`);
      const headings = ['What it means', 'How to see', 'What to do', 'How to know that it is over'];
      for (const heading of headings) expect(text, book).toContain(`\n## ${heading}\n`);
      expect(unknown(text), book).toEqual([]);
    }
  });

  it('are each tested', async () => {
    const { tests } = parse(await read('deploy/alerts/tests/tributary.yaml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const fired = tests
      .flatMap((test) => test.alert_rule_test)
      .filter(({ exp_alerts }) => exp_alerts.length > 0)
      .map(({ alertname }) => alertname);
    expect([...new Set(fired)].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('are about metrics and labels that the program has', () => {
    for (const { expr, alert, record } of rules) expect(unknown(expr), alert ?? record).toEqual([]);
    // What a scrape adds to every series.
    const scraped = ['namespace', 'pod', 'service', 'le'];
    for (const { expr } of rules) {
      for (const [, name = '', matchers = ''] of expr.matchAll(/(tributary_[a-z_]+)\{([^}]*)\}/g)) {
        const [metric = ''] = metricsIn(name);
        const { labels } = catalogue[metric as keyof typeof catalogue];
        for (const [, label = ''] of matchers.matchAll(/(\w+)[=!]/g)) {
          expect([...labels, ...scraped], `${label} of ${metric}`).toContain(label);
        }
      }
    }
  });
});

it('scales by metrics that the program has', async () => {
  const adapter = await read('deploy/helm/prometheus-adapter.yaml');
  const scalers = await read('deploy/helm/tributary/templates/autoscalers.yaml');
  expect(unknown(adapter)).toEqual([]);
  expect(unknown(scalers)).toEqual([]);
  for (const name of metricsIn(scalers)) expect(adapter, name).toContain(name);
});
