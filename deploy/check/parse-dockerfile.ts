/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: `RUN`. */
  readonly name: string;
  /** What stands behind it, on one line. */
  readonly text: string;
  /** The same, cut at white space; quotes around a value are taken off. */
  readonly words: readonly string[];
}

/** The instructions of a Dockerfile in order, with the defaults of its arguments put in. */
export function parseDockerfile(source: string): Instruction[] {
  const lines = source
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const defaults = new Map<string, string>();
  return lines.map((line) => {
    const [, name = '', raw = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
    const text = raw.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => defaults.get(key) ?? whole).trim();
    const words = text.match(/(?:[^\s"]|"[^"]*")+/g)?.map((word) => word.replaceAll('"', '')) ?? [];
    if (name.toUpperCase() === 'ARG') {
      const [key = '', value = ''] = text.split('=');
      defaults.set(key, value);
    }
    return { name: name.toUpperCase(), text, words };
  });
}
