import type { Locator } from '../../../platform/types.ts';
import type { Gap, Tool } from '../types.ts';

/** What could not be read or encoded because something is missing here: it is made up for once that is there. */
export const lacking = (lacks: Tool, message: string, locator: Locator | null = null): Gap => ({
  code: 'ENCODER_MISSING',
  message: `${message} It is made up for as soon as there is one.`,
  locator,
  lacks,
});
