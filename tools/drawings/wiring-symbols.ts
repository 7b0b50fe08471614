import { type DrawnSymbol, letters } from './symbol.ts';

/** What feeds a circuit, what sits in its wires, and what uses its current; drawn after IEC 60617 in the main. */
export const sourceNames = ['battery', 'AC supply', 'mains'] as const;
export const seriesNames = [
  'fuse',
  'switch',
  'push button',
  'circuit breaker',
  'contactor',
  'resistor',
  'capacitor',
  'diode',
  'coil',
  'ammeter',
] as const;
export const loadNames = ['motor', 'lamp', 'bell', 'heater', 'relay'] as const;

export type Source = (typeof sourceNames)[number];
export type SeriesPart = (typeof seriesNames)[number];
export type Load = (typeof loadNames)[number];
export type WiringPart = Source | SeriesPart | Load;

/** Words for each part, the usual one first. */
export const wiringWords: Readonly<Record<WiringPart, readonly string[]>> = {
  battery: ['battery', 'battery', 'battery cell'],
  'AC supply': ['AC supply', 'alternating current source', 'AC source'],
  mains: ['mains supply', 'mains connection', 'mains feed'],
  fuse: ['fuse', 'fuse', 'safety fuse'],
  switch: ['switch', 'switch', 'on-off switch'],
  'push button': ['push button', 'push button', 'button'],
  'circuit breaker': ['circuit breaker', 'breaker'],
  contactor: ['contactor', 'contactor', 'contactor contact'],
  resistor: ['resistor', 'resistor', 'resistance'],
  capacitor: ['capacitor', 'capacitor', 'condenser'],
  diode: ['diode', 'diode', 'rectifier'],
  coil: ['coil', 'coil', 'inductor'],
  ammeter: ['ammeter', 'ammeter', 'current meter'],
  motor: ['motor', 'motor', 'motor', 'electric motor', 'pump motor'],
  lamp: ['lamp', 'lamp', 'light', 'light bulb'],
  bell: ['bell', 'bell', 'doorbell'],
  heater: ['heater', 'heater', 'heating element'],
  relay: ['relay', 'relay', 'relay winding'],
};

/** The letter that tags of the part begin with. */
export const wiringTags: Readonly<Record<WiringPart, string>> = {
  battery: 'G',
  'AC supply': 'G',
  mains: 'X',
  fuse: 'F',
  switch: 'S',
  'push button': 'S',
  'circuit breaker': 'Q',
  contactor: 'K',
  resistor: 'R',
  capacitor: 'C',
  diode: 'D',
  coil: 'L',
  ammeter: 'A',
  motor: 'M',
  lamp: 'H',
  bell: 'B',
  heater: 'E',
  relay: 'K',
};

const lever = '<path d="M-18 0H-10L9 -13M10 0H18"/>';

export const wiringSymbols: Readonly<Record<WiringPart, DrawnSymbol>> = {
  battery: { turning: '<path d="M-14 0H-4M-4 -16V16M4 -8V8M4 0H14"/>', length: 28, height: 32 },
  'AC supply': {
    turning: '<circle r="16"/>',
    upright: '<path d="M-10 0C-7 -11 -3 -11 0 0C3 11 7 11 10 0"/>',
    length: 32,
    height: 32,
  },
  mains: {
    turning: '<circle cx="-18" r="4"/><circle cx="18" r="4"/><path d="M-22 0H-28M22 0H28"/>',
    upright:
      letters('L', 10).replace('translate(0.0 0)', 'translate(-14 -18)') +
      letters('N', 10).replace('translate(0.0 0)', 'translate(-14 18)'),
    length: 56,
    height: 20,
  },
  fuse: {
    turning: '<rect x="-17" y="-7" width="34" height="14"/><path d="M-17 0H17"/>',
    length: 34,
    height: 14,
  },
  switch: { turning: lever, length: 36, height: 16 },
  'push button': {
    turning:
      '<circle cx="-11" r="3"/><circle cx="11" r="3"/><path d="M-18 0H-14M14 0H18M-14 -8H14M0 -8V-19M-6 -19H6"/>',
    length: 36,
    height: 24,
  },
  'circuit breaker': { turning: `${lever}<path d="M6 -4L14 4M14 -4L6 4"/>`, length: 36, height: 18 },
  contactor: { turning: `${lever}<path d="M10 -6C3 -6 3 6 10 6"/>`, length: 36, height: 18 },
  resistor: {
    turning: '<path d="M-20 0L-16 -9L-9.5 9L-3 -9L3 9L9.5 -9L16 9L20 0"/>',
    length: 40,
    height: 18,
  },
  capacitor: { turning: '<path d="M-14 0H-4M-4 -14V14M4 -14V14M4 0H14"/>', length: 28, height: 28 },
  diode: {
    turning: '<path d="M-10 -10V10L9 0Z" class="solid"/><path d="M9 -10V10"/>',
    length: 20,
    height: 20,
  },
  coil: {
    turning:
      '<path d="M-20 0C-20 -13 -10 -13 -10 0C-10 -13 0 -13 0 0C0 -13 10 -13 10 0C10 -13 20 -13 20 0"/>',
    length: 40,
    height: 14,
  },
  ammeter: { turning: '<circle r="13"/>', upright: letters('A', 12), length: 26, height: 26 },
  motor: { turning: '<circle r="19"/>', upright: letters('M', 16), length: 38, height: 38 },
  lamp: {
    turning: '<circle r="16"/><path d="M-11.3 -11.3L11.3 11.3M11.3 -11.3L-11.3 11.3"/>',
    length: 32,
    height: 32,
  },
  bell: {
    turning: '<path d="M-20 0H-9V8M20 0H9V8M-16 8H16C16 30 -16 30 -16 8Z"/>',
    length: 40,
    height: 30,
  },
  heater: {
    turning: '<rect x="-24" y="-9" width="48" height="18"/><path d="M-14 -9V9M-5 -9V9M5 -9V9M14 -9V9"/>',
    length: 48,
    height: 18,
  },
  relay: {
    turning: '<rect x="-11" y="-20" width="22" height="40"/><path d="M-11 10L11 -10"/>',
    length: 22,
    height: 40,
  },
};
