const isConflict = (error: unknown): boolean =>
  error instanceof Error && /conflict|concurrent|already exists/i.test(error.message);

/** Does `write` again, up to ten times, while another writer's commit came first. */
export async function retryConflicts<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt === 10 || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
    }
  }
}
