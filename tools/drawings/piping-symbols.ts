import { type DrawnSymbol, letters } from './symbol.ts';

/** What stands at the ends of pipes, and what sits in them, drawn after ISO 10628 in the main. */
export const vesselNames = ['tank', 'basin', 'column', 'reactor'] as const;
export const fittingNames = [
  'pump',
  'compressor',
  'gate valve',
  'ball valve',
  'check valve',
  'control valve',
  'heat exchanger',
  'filter',
  'flow meter',
] as const;

export type Vessel = (typeof vesselNames)[number];
export type Fitting = (typeof fittingNames)[number];
export type PipingPart = Vessel | Fitting;

/** Words for each part, the usual one first. */
export const pipingWords: Readonly<Record<PipingPart, readonly string[]>> = {
  tank: ['tank', 'tank', 'storage tank', 'vessel'],
  basin: ['basin', 'basin', 'open tank', 'open basin'],
  column: ['column', 'column', 'distillation column', 'tower'],
  reactor: ['reactor', 'reactor', 'stirred reactor', 'agitated vessel'],
  pump: ['pump', 'pump', 'pump', 'centrifugal pump'],
  compressor: ['compressor', 'compressor', 'blower'],
  'gate valve': ['gate valve', 'gate valve', 'shut-off valve', 'valve'],
  'ball valve': ['ball valve'],
  'check valve': ['check valve', 'check valve', 'non-return valve'],
  'control valve': ['control valve', 'control valve', 'regulating valve'],
  'heat exchanger': ['heat exchanger', 'heat exchanger', 'exchanger', 'cooler'],
  filter: ['filter', 'filter', 'strainer'],
  'flow meter': ['flow meter', 'flow meter', 'flowmeter', 'flow indicator'],
};

/** The letter that tags of the part begin with. */
export const pipingTags: Readonly<Record<PipingPart, string>> = {
  tank: 'T',
  basin: 'B',
  column: 'K',
  reactor: 'R',
  pump: 'P',
  compressor: 'C',
  'gate valve': 'V',
  'ball valve': 'V',
  'check valve': 'CV',
  'control valve': 'FCV',
  'heat exchanger': 'E',
  filter: 'F',
  'flow meter': 'FI',
};

const bowTie = '<path d="M-13 -8.5V8.5L13 -8.5V8.5Z"/>';

export const pipingSymbols: Readonly<Record<PipingPart, DrawnSymbol>> = {
  tank: {
    turning: '<path d="M-20 -26C-20 -40 20 -40 20 -26V26C20 40 -20 40 -20 26Z"/>',
    length: 40,
    height: 74,
  },
  basin: {
    turning: '<path d="M-24 -26V28H24V-26M-24 -12H24M-14 -4H-2M4 4H16"/>',
    length: 48,
    height: 56,
  },
  column: {
    turning:
      '<path d="M-13 -48C-13 -58 13 -58 13 -48V48C13 58 -13 58 -13 48ZM-13 -34H13M-13 -20H13M-13 -6H13M-13 8H13M-13 22H13M-13 36H13"/>',
    length: 26,
    height: 112,
  },
  reactor: {
    turning:
      '<path d="M-23 -22C-23 -34 23 -34 23 -22V24C23 38 -23 38 -23 24ZM0 -42V18M-12 12L12 24V12L-12 24Z"/><rect x="-6" y="-54" width="12" height="12"/>',
    length: 46,
    height: 100,
  },
  pump: { turning: '<circle r="16"/><path d="M-1 -16L16 0L-1 16"/>', length: 32, height: 32 },
  compressor: { turning: '<circle r="16"/><path d="M-11 -12L15 -5M-11 12L15 5"/>', length: 32, height: 32 },
  'gate valve': { turning: bowTie, length: 26, height: 18 },
  'ball valve': {
    turning: '<path d="M-14 -9V9L-5 3M-14 -9L-5 -3M14 -9V9L5 3M14 -9L5 -3"/><circle r="6" class="solid"/>',
    length: 28,
    height: 18,
  },
  'check valve': {
    turning: '<path d="M-11 -10V10L10 0Z" class="solid"/><path d="M11 -11V11"/>',
    length: 22,
    height: 22,
  },
  'control valve': {
    turning: `${bowTie}<path d="M0 0V-14M-10 -14C-10 -27 10 -27 10 -14Z"/>`,
    length: 26,
    height: 36,
  },
  'heat exchanger': {
    turning: '<circle r="20"/><path d="M-20 0H-12L-5 -12L5 12L12 0H20M0 -32V-20M0 20V32"/>',
    length: 40,
    height: 64,
  },
  filter: {
    turning:
      '<rect x="-15" y="-15" width="30" height="30"/><path stroke-dasharray="4 4" d="M-15 15L15 -15"/>',
    length: 30,
    height: 30,
  },
  'flow meter': { turning: '<circle r="14"/>', upright: letters('FI', 11), length: 28, height: 28 },
};

/** A pressure gauge that stands on the pipe at (0, 0). */
export const pressureGauge: DrawnSymbol = {
  turning: '<path d="M0 0V-18"/>',
  upright: `<circle cy="-31" r="13"/><g transform="translate(0 -31)">${letters('PI', 10)}</g>`,
  length: 0,
  height: 44,
};
