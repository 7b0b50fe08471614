import { brokenOffice, type Zip } from './open-zip.ts';
import { attribute, type XmlHandlers, XmlScanner } from './xml-scanner.ts';

/**
 * Goes through a part of a document, a piece at a time; yields whenever a piece was gone through, so that what the
 * handlers have gathered can be taken.
 */
export async function* scanPart(zip: Zip, name: string, handlers: XmlHandlers): AsyncGenerator<void> {
  const scanner = new XmlScanner(handlers);
  let decoder: TextDecoder | null = null;
  for await (const bytes of zip.stream(name)) {
    decoder ??= new TextDecoder(encodingOf(bytes), { fatal: false });
    scanner.write(decoder.decode(bytes, { stream: true }));
    yield;
  }
  if (decoder !== null) scanner.write(decoder.decode());
  scanner.end();
  yield;
}

/** Goes through a whole part. @returns whether there is one. */
export async function scanWhole(zip: Zip, name: string, handlers: XmlHandlers): Promise<boolean> {
  if (!zip.has(name)) return false;
  for await (const _ of scanPart(zip, name, handlers));
  return true;
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  return 'utf-8';
}

/** What the parts of a document refer to, by the ids that they use. Targets are names of parts. */
export async function readRelations(
  zip: Zip,
  part: string,
): Promise<Map<string, { readonly target: string; readonly type: string; readonly isExternal: boolean }>> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const relations = new Map<string, { target: string; type: string; isExternal: boolean }>();
  await scanWhole(zip, `${folder}_rels/${part.slice(folder.length)}.rels`, {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const id = attribute(attributes, 'Id');
      const target = attribute(attributes, 'Target');
      if (id === null || target === null) return;
      relations.set(id, {
        target: resolvePart(folder, target),
        type: (attribute(attributes, 'Type') ?? '').split('/').pop() ?? '',
        isExternal: attribute(attributes, 'TargetMode') === 'External',
      });
      if (relations.size > 100_000) throw brokenOffice(null, 'it refers to too many parts');
    },
  });
  return relations;
}

/** The name of a part that another one in the folder refers to. */
function resolvePart(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const path: string[] = folder.split('/').filter((each) => each !== '');
  for (const step of target.split('/')) {
    if (step === '..') path.pop();
    else if (step !== '.' && step !== '') path.push(step);
  }
  return path.join('/');
}
