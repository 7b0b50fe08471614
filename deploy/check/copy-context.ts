import { cp } from 'node:fs/promises';
import { relative } from 'node:path';

/** A pattern as Docker reads it: `*` within a name, `**` over folders. */
function patternOf(pattern: string): RegExp {
  const parts = pattern
    .split('/')
    .map((part) => part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'));
  return new RegExp(`^${parts.join('/').replaceAll('[^/]*[^/]*/', '(?:.*/)?')}$`);
}

/** Whether a path is left out of the context, as a `.dockerignore` says: the last line that fits decides. */
export function isIgnored(path: string, patterns: readonly string[]): boolean {
  let ignored = false;
  for (const line of patterns) {
    const isException = line.startsWith('!');
    const pattern = isException ? line.slice(1) : line;
    // A pattern that fits a folder fits all that is in it.
    const parts = path.split('/');
    const fits = parts.some((_, index) => patternOf(pattern).test(parts.slice(0, index + 1).join('/')));
    if (fits) ignored = !isException;
  }
  return ignored;
}

/** Copies what Docker would send as the context of a build. */
export async function copyContext(root: string, ignoreFile: string, target: string): Promise<void> {
  const patterns = ignoreFile.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const exceptions = patterns.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  await cp(root, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter(source) {
      const path = relative(root, source).replaceAll('\\', '/');
      // A folder is entered where something in it is excepted.
      return (
        path === '' || !isIgnored(path, patterns) || exceptions.some((one) => one.startsWith(`${path}/`))
      );
    },
  });
}
