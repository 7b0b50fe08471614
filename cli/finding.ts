/** One thing that `doctor` looked at. */
export interface Finding {
  readonly name: string;
  /** `problem`: it will not work like this; `warning`: it works, with less than could be had. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; null where all is well. */
  readonly mend: string | null;
}

export const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail, mend: null });
export const warning = (name: string, detail: string, mend: string): Finding => ({
  name,
  state: 'warning',
  detail,
  mend,
});
export const problem = (name: string, detail: string, mend: string): Finding => ({
  name,
  state: 'problem',
  detail,
  mend,
});
