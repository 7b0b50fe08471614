import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const place = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Where the lock file of all models is: beside the sources, also when what runs was built from them. */
export const modelLockFile = existsSync(place('./models.lock.json'))
  ? place('./models.lock.json')
  : place('../../../platform/models/models.lock.json');
