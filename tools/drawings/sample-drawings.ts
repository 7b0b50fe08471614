import { pipingDiagram } from './piping-diagram.ts';
import { random } from './random.ts';
import { label, page, type Style } from './style.ts';
import { wiringDiagram } from './wiring-diagram.ts';

/** A drawing of the pumping station that the samples tell of. */
export interface SampleDrawing {
  /** Of a file, without the ending. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in one sentence. */
  readonly caption: string;
  readonly svg: string;
}

/** The side of the samples in pixels: letters are 40 pixels high, so that they can be read from the picture. */
const side = 1024;

const style: Style = {
  ink: '#000000',
  paper: '#ffffff',
  lineWidth: 2,
  font: 'DejaVu Sans, Liberation Sans, sans-serif',
  labelled: true,
};

/** Technical drawings with titles and tags as people draw them; always the same. */
export function sampleDrawings(): SampleDrawing[] {
  return [
    {
      name: 'piping-p-101',
      title: 'Pump P-101 and tank T-2',
      caption:
        'Piping diagram of pump P-101, which feeds tank T-2 through gate valve V-3; PI-4 shows the pressure.',
      svg: pipingDiagram(
        random(101),
        style,
        {
          parts: [
            { part: 'pump', tag: 'P-101' },
            { part: 'gate valve', tag: 'V-3' },
            { part: 'tank', tag: 'T-2' },
          ],
          gauge: 'PI-4',
          rows: 1,
          mirrored: false,
          title: 'Pump P-101 and tank T-2',
        },
        side,
      ),
    },
    {
      name: 'piping-cooling-water',
      title: 'Cooling water circuit',
      caption:
        'Piping diagram of the cooling water: from basin B-1 by pump P-201 through filter F-6, heat exchanger E-5 and control valve FCV-8.',
      svg: pipingDiagram(
        random(201),
        style,
        {
          parts: [
            { part: 'basin', tag: 'B-1' },
            { part: 'pump', tag: 'P-201' },
            { part: 'filter', tag: 'F-6' },
            { part: 'heat exchanger', tag: 'E-5' },
            { part: 'control valve', tag: 'FCV-8' },
          ],
          gauge: null,
          rows: 2,
          mirrored: false,
          title: 'Cooling water circuit',
        },
        side,
      ),
    },
    {
      name: 'wiring-pump-motor',
      title: 'Motor of pump P-101',
      caption: 'Wiring diagram of the pump motor M1 with fuse F4 and contactor K1 on the mains.',
      svg: wiringDiagram(
        random(4),
        style,
        {
          source: { part: 'mains', tag: '' },
          series: [
            { part: 'fuse', tag: 'F4' },
            { part: 'contactor', tag: 'K1' },
          ],
          loads: [{ part: 'motor', tag: 'M1' }],
          around: false,
          title: 'Motor of pump P-101',
        },
        side,
      ),
    },
    {
      name: 'wiring-emergency-lamps',
      title: 'Emergency lamps',
      caption: 'Wiring diagram of the two emergency lamps H1 and H2 with switch S2 on battery G1.',
      svg: wiringDiagram(
        random(5),
        style,
        {
          source: { part: 'battery', tag: 'G1' },
          series: [{ part: 'switch', tag: 'S2' }],
          loads: [
            { part: 'lamp', tag: 'H2' },
            { part: 'lamp', tag: 'H1' },
          ],
          around: false,
          title: 'Emergency lamps',
        },
        side,
      ),
    },
    {
      name: 'chart-pump-hours',
      title: 'Hours of pump P-101',
      caption: 'Bar chart of the hours that pump P-101 ran from January to June: they rise from 120 to 610.',
      svg: barChart(
        'Hours of pump P-101',
        ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun'],
        [120, 210, 300, 420, 500, 610],
      ),
    },
  ];
}

function barChart(title: string, names: readonly string[], values: readonly number[]): string {
  const most = Math.max(...values);
  const pitch = 204 / values.length;
  const bars = values.flatMap((value, index) => {
    const height = (value / most) * 160;
    const x = 36 + pitch * index;
    return [
      `<rect x="${x.toFixed(1)}" y="${(210 - height).toFixed(1)}" width="${(pitch * 0.7).toFixed(1)}" height="${height.toFixed(1)}" fill="#2458b8" stroke="none"/>`,
      label(style, x + pitch * 0.35, 224, names[index] ?? '', 10),
      label(style, x + pitch * 0.35, 206 - height, String(value), 9),
    ];
  });
  return page(style, ['<path d="M32 30V210H242"/>', ...bars, label(style, 128, 20, title, 12)], side);
}
