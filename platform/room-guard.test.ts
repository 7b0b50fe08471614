import { expect, it } from 'vitest';
import { createRoomGuard } from './room-guard.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';

it('lets writing go on while the reserve is free, and stops it when it is not', async () => {
  await using directory = await temporaryDirectory();
  await expect(createRoomGuard({ directory: directory.path, reserveBytes: 1 })()).resolves.toBeUndefined();
  const full = createRoomGuard({ directory: directory.path, reserveBytes: Number.MAX_SAFE_INTEGER });
  await expect(full()).rejects.toMatchObject({ code: 'BUSY', reason: 'STORAGE_FULL' });
});
