import { type Matrix, multiply, type PlacedImage } from './paint-pdf-images.ts';
import type { PdfImage } from './pdf-image.ts';

/** What is drawn on a page, as PDF.js lists it. */
export interface PdfOperators {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

/** How a picture that the list names, or holds itself, is come by; null where it cannot be had. */
export type ImageSource = (named: unknown, isMask: boolean) => Promise<PdfImage | null>;

/** No page has more pictures than this, but for one that is made of them like a mosaic. */
const maxImages = 500;

interface State {
  readonly matrix: Matrix;
  readonly colour: readonly [number, number, number];
}

/**
 * The pictures of a page in the order in which they are painted, each with where it stands: the list of operators is
 * gone through, and of the state that they change what pictures depend on is kept (PDF 32000-1, 8.4 and 8.9).
 *
 * @param operators by name, the codes of the list.
 * @param viewport the matrix from the page's space to points from its top left.
 */
export async function findPdfImages(
  { fnArray, argsArray }: PdfOperators,
  operators: Readonly<Record<string, number>>,
  viewport: Matrix,
  imageOf: ImageSource,
): Promise<PlacedImage[]> {
  const names = new Map(Object.entries(operators).map(([name, code]) => [code, name]));
  const placed: PlacedImage[] = [];
  const stack: State[] = [];
  let state: State = { matrix: viewport, colour: [0, 0, 0] };

  async function place(named: unknown, isMask: boolean, matrix = state.matrix): Promise<void> {
    if (placed.length >= maxImages) return;
    const image = await imageOf(named, isMask);
    if (image !== null) placed.push({ image, matrix, colour: state.colour });
  }

  for (const [index, code] of fnArray.entries()) {
    const args = argsArray[index];
    const values = Array.isArray(args) ? (args as readonly unknown[]) : [];
    const [first] = values;
    switch (names.get(code)) {
      case 'save':
      case 'beginGroup':
        stack.push(state);
        break;
      case 'restore':
      case 'endGroup':
      case 'paintFormXObjectEnd':
        state = stack.pop() ?? state;
        break;
      case 'transform':
        state = { ...state, matrix: within(state.matrix, values) };
        break;
      case 'paintFormXObjectBegin':
        stack.push(state);
        state = { ...state, matrix: within(state.matrix, first) };
        break;
      case 'setFillRGBColor':
        state = { ...state, colour: colourOf(values) };
        break;
      case 'paintImageXObject':
      case 'paintInlineImageXObject':
        await place(first, false);
        break;
      case 'paintImageMaskXObject':
        await place(first, true);
        break;
      case 'paintImageMaskXObjectGroup':
        for (const mask of Array.isArray(first) ? (first as readonly unknown[]) : []) {
          await place(mask, true, within(state.matrix, Object(mask).transform));
        }
        break;
    }
  }
  return placed;
}

/** A matrix inside of another one; what is no matrix changes nothing. */
function within(outer: Matrix, inner: unknown): Matrix {
  const values = Array.isArray(inner) || inner instanceof Float32Array ? Array.from<unknown>(inner) : [];
  const [a, b, c, d, e, f] = values.map(Number);
  if (a === undefined || b === undefined || c === undefined) return outer;
  if (d === undefined || e === undefined || f === undefined) return outer;
  const matrix: Matrix = [a, b, c, d, e, f];
  return matrix.every(Number.isFinite) ? multiply(outer, matrix) : outer;
}

/** A colour as PDF.js names it: `#rrggbb`, or three numbers up to 255. */
function colourOf([first, second, third]: readonly unknown[]): State['colour'] {
  const hex = typeof first === 'string' ? /^#(..)(..)(..)$/.exec(first) : null;
  const part = (index: number, given: unknown): number => {
    const value = hex === null ? Number(given) : Number.parseInt(hex[index] ?? '', 16);
    return Number.isFinite(value) ? Math.min(255, Math.max(0, value)) : 0;
  };
  return [part(1, first), part(2, second), part(3, third)];
}
