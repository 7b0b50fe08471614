/** Something that is opened at its first use, and again after it has died. */
export interface Reopening<T> extends AsyncDisposable {
  /** What is open; opens it where it is not. @throws whatever opening throws, and tries again the next time. */
  get(): Promise<T>;
  /** What is open, or null. */
  readonly opened: T | null;
}

/** @param open must give something new each time. */
export function createReopening<T extends AsyncDisposable & { readonly alive: boolean }>(
  open: () => Promise<T>,
): Reopening<T> {
  let opening: Promise<T> | null = null;
  let opened: T | null = null;
  return {
    get opened() {
      return opened;
    },
    async get() {
      if (opened !== null && !opened.alive) {
        opened = null;
        opening = null;
      }
      opening ??= open().then(
        (made) => (opened = made),
        (error: unknown) => {
          opening = null;
          throw error;
        },
      );
      return opening;
    },
    async [Symbol.asyncDispose]() {
      const last = await opening?.catch(() => null);
      await last?.[Symbol.asyncDispose]();
    },
  };
}
