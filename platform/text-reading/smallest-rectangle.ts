import type { TextRegion } from './text-region.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

const cross = (origin: Point, a: Point, b: Point): number =>
  (a.x - origin.x) * (b.y - origin.y) - (a.y - origin.y) * (b.x - origin.x);

/** One side of a convex hull, of points that are sorted by x and then y. */
function chain(points: Iterable<Point>): Point[] {
  const hull: Point[] = [];
  for (const point of points) {
    for (;;) {
      const last = hull.at(-1);
      const before = hull.at(-2);
      if (last === undefined || before === undefined || cross(before, last, point) > 0) break;
      hull.pop();
    }
    hull.push(point);
  }
  hull.pop();
  return hull;
}

/** The corners of the convex hull (Andrew's monotone chain, 1979). */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  return sorted.length < 3 ? sorted : [...chain(sorted), ...chain(sorted.toReversed())];
}

/**
 * The smallest rectangle around points: one of its sides lies on a side of their convex hull (Freeman and Shapira,
 * 1975). Its angle is between -45 and 45 degrees.
 */
export function smallestRectangle(points: readonly Point[]): TextRegion {
  const hull = convexHull(points);
  let best: TextRegion | null = null;
  for (const [index, point] of hull.entries()) {
    const next = hull[(index + 1) % hull.length] ?? point;
    const direction = Math.atan2(next.y - point.y, next.x - point.x);
    const rectangle = rectangleAlong(hull, direction - (Math.PI / 2) * Math.round(direction / (Math.PI / 2)));
    if (best === null || areaOf(rectangle) < areaOf(best) - 1e-6) best = rectangle;
  }
  return best ?? rectangleAlong(hull, 0);
}

const areaOf = ({ length, thickness }: TextRegion): number => length * thickness;

function rectangleAlong(points: readonly Point[], angle: number): TextRegion {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const along = points.map(({ x, y }) => x * cos + y * sin);
  const across = points.map(({ x, y }) => y * cos - x * sin);
  const [start, end] = [Math.min(...along), Math.max(...along)];
  const [top, bottom] = [Math.min(...across), Math.max(...across)];
  const middle = (start + end) / 2;
  const centre = (top + bottom) / 2;
  return {
    centreX: middle * cos - centre * sin,
    centreY: middle * sin + centre * cos,
    length: end - start,
    thickness: bottom - top,
    angle,
  };
}
