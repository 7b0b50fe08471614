/** The outlines of shapes around (0, 0), as large as a circle with the radius 1. */
function polygon(points: readonly (readonly [number, number])[]): string {
  return `M${points.map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`).join('L')}Z`;
}

function regular(corners: number, turn: number, inner = 1): string {
  const steps = inner === 1 ? corners : corners * 2;
  return polygon(
    Array.from({ length: steps }, (_, index) => {
      const radius = index % 2 === 0 || inner === 1 ? 1 : inner;
      const angle = turn + (index * 2 * Math.PI) / steps;
      return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
    }),
  );
}

const circle = 'M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z';

/** SVG path data, to be filled by the even-odd rule. */
export const shapePaths = {
  circle,
  square: 'M-.85 -.85H.85V.85H-.85Z',
  triangle: regular(3, -Math.PI / 2),
  star: regular(5, -Math.PI / 2, 0.42),
  ring: `${circle}M-.55 0A.55 .55 0 1 1 .55 0A.55 .55 0 1 1 -.55 0Z`,
  diamond: polygon([
    [0, -1],
    [0.68, 0],
    [0, 1],
    [-0.68, 0],
  ]),
  hexagon: regular(6, 0),
  cross: 'M-.3 -1H.3V-.3H1V.3H.3V1H-.3V.3H-1V-.3H-.3Z',
  heart: 'M0 .95C-1.5 -.1 -.95 -1 -.45 -.85C-.2 -.8 0 -.6 0 -.4C0 -.6 .2 -.8 .45 -.85C.95 -1 1.5 -.1 0 .95Z',
  arrow: 'M-1 -.28H.15V-.75L1 0L.15 .75V.28H-1Z',
} as const;

export type Shape = keyof typeof shapePaths;
export const shapeNames = Object.keys(shapePaths) as Shape[];
