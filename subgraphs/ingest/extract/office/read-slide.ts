import type { Zip } from './open-zip.ts';
import { readRelations, scanWhole } from './scan-part.ts';
import { attribute, type XmlHandlers } from './xml-scanner.ts';

/** What stands on a slide. */
export interface Slide {
  readonly title: string | null;
  /** Its title first, then what else is written, then the speaker's notes. */
  readonly text: string;
  readonly pictures: readonly { readonly target: string; readonly said: string }[];
}

/** What a shape says that is on every slide. */
const repeated = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);
const titles = new Set(['title', 'ctrTitle']);

/** Reads one slide with its notes. */
export async function readSlide(zip: Zip, part: string): Promise<Slide> {
  const relations = await readRelations(zip, part);
  const body = collectShapes();
  await scanWhole(zip, part, body.handlers);
  const notesPart = [...relations.values()].find(({ type }) => type === 'notesSlide')?.target;
  const notes = collectShapes();
  if (notesPart !== undefined) await scanWhole(zip, notesPart, notes.handlers);
  const title = body.shapes.find(({ kind }) => titles.has(kind))?.text.replace(/\s+/g, ' ') ?? null;
  const rest = body.shapes.filter(({ kind }) => !titles.has(kind) && !repeated.has(kind));
  const said = notes.shapes.filter(({ kind }) => !repeated.has(kind)).map(({ text }) => text);
  const texts = [
    title ?? '',
    ...rest.map(({ text }) => text),
    said.length > 0 ? `Notes: ${said.join('\n')}` : '',
  ];
  return {
    title,
    text: texts.filter((text) => text.trim() !== '').join('\n\n'),
    pictures: body.pictures.flatMap(({ relation, said: words }) => {
      const target = relations.get(relation);
      return target === undefined || target.isExternal || !zip.has(target.target)
        ? []
        : [{ target: target.target, said: words }];
    }),
  };
}

interface Shape {
  kind: string;
  text: string;
}

/** Gathers the texts of shapes and of tables, and what pictures there are. */
function collectShapes() {
  const shapes: Shape[] = [];
  const pictures: { relation: string; said: string }[] = [];
  let shape: Shape = { kind: '', text: '' };
  let inPicture = false;
  let said = '';
  let inText = false;
  let cells = 0;
  const finish = () => {
    const text = shape.text.trim();
    if (text !== '') shapes.push({ ...shape, text });
    shape = { kind: '', text: '' };
  };
  const handlers: XmlHandlers = {
    open(name, attributes) {
      if (name === 'sp' || name === 'graphicFrame') finish();
      else if (name === 'ph') shape.kind = attribute(attributes, 'type') ?? 'body';
      else if (name === 'pic') {
        inPicture = true;
        said = '';
      } else if (name === 'cNvPr' && inPicture) said = attribute(attributes, 'descr') ?? '';
      else if (name === 'blip' && inPicture) {
        const relation = attribute(attributes, 'embed');
        if (relation !== null) pictures.push({ relation, said });
      } else if (name === 'tc') cells++;
      else if (name === 'br') shape.text += '\n';
      inText = name === 't';
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'p') shape.text += cells > 0 ? ' ' : '\n';
      else if (name === 'tc') {
        cells--;
        shape.text = `${shape.text.trimEnd()}\t`;
      } else if (name === 'tr') shape.text = `${shape.text.trimEnd()}\n`;
      else if (name === 'pic') inPicture = false;
      else if (name === 'sp' || name === 'graphicFrame' || name === 'sld' || name === 'notes') finish();
    },
    text(text) {
      if (inText) shape.text += text;
    },
  };
  return { shapes, pictures, handlers };
}
