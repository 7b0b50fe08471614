import type { JobChange } from './jobs/jobs.ts';

/** Tells how a job gets on, without keeping it waiting. */
export interface Progress {
  /**
   * Has a change written soon. What is told while a write is under way is written together afterwards: of a
   * document that is done within milliseconds not every stage need be kept.
   *
   * @throws what an earlier write failed with.
   */
  tell(change: JobChange): void;
  /** Resolves when all that was told is written. @throws what a write failed with. */
  settle(): Promise<void>;
}

/** @param write writes a change; called again only when it has settled. */
export function tellProgress(write: (change: JobChange) => Promise<void>): Progress {
  let pending: JobChange | null = null;
  let writing: Promise<void> | null = null;
  let failure: { readonly error: unknown } | null = null;

  async function work(): Promise<void> {
    while (pending !== null && failure === null) {
      const change: JobChange = pending;
      pending = null;
      try {
        await write(change);
      } catch (error) {
        failure = { error };
      }
    }
    writing = null;
  }
  function check(): void {
    if (failure !== null) throw failure.error;
  }

  return {
    tell(change) {
      check();
      pending = { ...pending, ...change };
      writing ??= work();
    },
    async settle() {
      await writing;
      check();
    },
  };
}
