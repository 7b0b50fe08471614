/** Metrics as they were read from their text. */
export interface ParsedMetrics {
  readonly names: readonly string[];
  /** The value of the one sample that has this name and, among its labels, these. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of Prometheus. @throws Error where a line is none of it. */
export function parseMetrics(text: string): ParsedMetrics {
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = sampleLine.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`This is no sample: ${line}`);
      const pairs = [...labels.matchAll(labelPair)].map(([, key, said]) => [key ?? '', said ?? ''] as const);
      return { name, labels: new Map(pairs), value: Number(value) };
    });
  return {
    names: [...new Set(samples.map(({ name }) => name))],
    value: (name, labels = {}) =>
      samples.find(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([key, said]) => sample.labels.get(key) === said),
      )?.value,
  };
}
