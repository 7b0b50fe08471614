import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Parsers of settings' texts. Each refuses with what is allowed. */

export const text = () => z.string().min(1);

export const optionalText = (): z.ZodType<string | null, string> =>
  z.string().transform((value) => (value === '' ? null : value));

export const integer = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);

export const number = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);

export const flag = (): z.ZodType<boolean, string> =>
  z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

export const oneOf = <const T extends readonly [string, ...string[]]>(
  values: T,
): z.ZodType<T[number], string> => z.enum(values) as unknown as z.ZodType<T[number], string>;

export const list = (): z.ZodType<readonly string[], string> =>
  z.string().transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/** An http or https address, without a trailing slash; empty for none. */
export const optionalUrl = (
  protocols: readonly string[] = ['http:', 'https:'],
): z.ZodType<string | null, string> =>
  z
    .string()
    .refine((value) => value === '' || (URL.canParse(value) && protocols.includes(new URL(value).protocol)))
    .transform((value) => (value === '' ? null : value.replace(/\/+$/, '')));

/** A path, made absolute; `~` is the home folder. */
export const path = (): z.ZodType<string, string> =>
  z
    .string()
    .min(1)
    .transform((value) => (value.startsWith('~/') ? join(homedir(), value.slice(2)) : resolve(value)));
