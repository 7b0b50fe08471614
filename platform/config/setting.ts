import type { z } from 'zod';

/** One setting: an environment variable, checked at start. */
export interface Setting<T> {
  readonly variable: string;
  /** What it does, with its unit, in one sentence. */
  readonly description: string;
  /** What is allowed, for people: `1 to 65535`. */
  readonly allowed: string;
  /** What holds where the variable is not set; a text describes a default that is worked out at start. */
  readonly fallback: T | { readonly described: string; readonly value: T };
  /** Secrets are never printed. */
  readonly secret: boolean;
  /** Parses the variable's text. */
  readonly schema: z.ZodType<T, string>;
}

type Options<T> = Omit<Setting<T>, 'secret'> & { readonly secret?: boolean };

/** Declares a setting. */
export const setting = <T>(options: Options<T>): Setting<T> => ({ secret: false, ...options });

/** The values of a group of settings. */
export type Values<Group extends Record<string, Setting<unknown>>> = {
  readonly [Name in keyof Group]: Group[Name] extends Setting<infer T> ? T : never;
};

/** A setting's default as a value. */
export function fallbackOf<T>({ fallback }: Setting<T>): T {
  const described = typeof fallback === 'object' && fallback !== null && 'described' in fallback;
  return described ? fallback.value : (fallback as T);
}
