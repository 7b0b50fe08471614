import { projectFile } from '../project-file.ts';

/** Where the lock file of all models is. */
export const modelLockFile = projectFile('platform/models/models.lock.json');
