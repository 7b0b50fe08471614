/** A symbol around (0, 0), its line coming in at (-length / 2, 0) and going out at (length / 2, 0). */
export interface DrawnSymbol {
  /** Parts that turn with the line. */
  readonly turning: string;
  /** Parts that stay upright: letters. */
  readonly upright?: string;
  /** Its extent along the line, in units of a drawing 256 wide. */
  readonly length: number;
  /** Its extent across. */
  readonly height: number;
}

// Letters as lines, so that symbols look the same on machines without fonts.
const letterPaths: Readonly<Record<string, string>> = {
  A: 'M-.6 1L0 -1L.6 1M-.35 .3H.35',
  F: 'M-.5 1V-1H.5M-.5 0H.3',
  G: 'M.6 -.6C.3 -1.2 -.7 -1.1 -.7 0C-.7 1.1 .6 1.2 .6 .2H.1',
  H: 'M-.6 -1V1M.6 -1V1M-.6 0H.6',
  I: 'M0 -1V1',
  K: 'M-.5 -1V1M.6 -1L-.5 .1L.6 1',
  L: 'M-.5 -1V1H.5',
  M: 'M-.8 1V-1L0 .4L.8 -1V1',
  N: 'M-.6 1V-1L.6 1V-1',
  P: 'M-.5 1V-1H.1C.8 -1 .8 0 .1 0H-.5',
  T: 'M-.6 -1H.6M0 -1V1',
  V: 'M-.6 -1L0 1L.6 -1',
};

/** Capital letters drawn with lines, their middle at (0, 0), `size` high. @throws RangeError for other letters. */
export function letters(text: string, size: number): string {
  const scale = size / 2;
  return [...text]
    .map((letter, index) => {
      const path = letterPaths[letter];
      if (path === undefined) throw new RangeError(`no lines are known for the letter ${letter}`);
      const x = (index - (text.length - 1) / 2) * size * 0.85;
      const lines = path.replace(/-?\d*\.?\d+/g, (part) => (Number(part) * scale).toFixed(2));
      return `<path transform="translate(${x.toFixed(1)} 0)" d="${lines}"/>`;
    })
    .join('');
}

export interface Placement {
  readonly x: number;
  readonly y: number;
  /** Clockwise. */
  readonly degrees?: number;
  /** Left and right changed about, letters excepted. */
  readonly mirrored?: boolean;
  readonly scale?: number;
  /** The colour of parts that are filled. */
  readonly ink: string;
}

/** The symbol at its place. */
export function placed(
  symbol: DrawnSymbol,
  { x, y, degrees = 0, mirrored = false, scale = 1, ink }: Placement,
): string {
  const move = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  const size = scale === 1 ? '' : ` scale(${scale.toFixed(3)})`;
  const turning = symbol.turning.replaceAll('class="solid"', `fill="${ink}"`);
  const upright = symbol.upright === undefined ? '' : `<g transform="${move}${size}">${symbol.upright}</g>`;
  return `<g transform="${move} rotate(${degrees})${size}${mirrored ? ' scale(-1 1)' : ''}">${turning}</g>${upright}`;
}
