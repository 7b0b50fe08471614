import { z } from 'zod';
import { whenSearchable } from './add-documents.ts';
import type { System } from './start-system.ts';

const acceptedSchema = z.object({ job: z.object({ id: z.string() }) });

/** A file as somebody would put it in. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

let added = 0;

/**
 * Puts files in, each as a new document, through the gateway and waits until all of them can be found.
 *
 * @returns how many passages they have become.
 * @throws Error where one is refused or fails.
 */
export async function addFiles(system: System, files: readonly NamedFile[]): Promise<number> {
  const ids = await Promise.all(
    files.map(async ({ name, bytes }) => {
      const form = new FormData();
      form.set('file', new Blob([bytes]), name);
      // Of the same source it would be the next version of a document that is there.
      form.set('source', `bench/${added++}/${name}`);
      const request = new Request('http://127.0.0.1/v1/documents', { method: 'POST', body: form });
      const response = await system.gateway.fetch(request);
      if (!response.ok) throw new Error(`${name} was refused: ${await response.text()}`);
      return acceptedSchema.parse(await response.json()).job.id;
    }),
  );
  return whenSearchable(system, ids);
}
