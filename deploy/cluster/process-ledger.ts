import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from '../../platform/is-alive.ts';

const entrySchema = z.object({
  name: z.string(),
  pid: z.int().positive(),
  /** When the process began, as the system tells it: a later process with the same id began at another time. */
  startedAt: z.string().min(1),
});
type Entry = z.infer<typeof entrySchema>;

const ledgerSchema = z.object({ launcher: entrySchema, processes: z.array(entrySchema) });

/** Another launcher is at work on the same folder. The message says which process it is. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/** When a process began; null where there is none, or where it cannot be told. */
function startOf(pid: number): string | null {
  try {
    // Behind the name, which may hold anything, the twentieth field is the start in clock ticks since the boot.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return ticks === undefined ? null : `${boot}/${ticks}`;
  } catch {
    try {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
    } catch {
      return null;
    }
  }
}

const isStill = ({ pid, startedAt }: Entry): boolean => isAlive(pid) && startOf(pid) === startedAt;

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // It leads no group, or has gone in the meantime.
    }
  }
}

/** The processes that a launcher has started, kept in a file, so that the next one finds them if it is killed. */
export class ProcessLedger {
  readonly #file: string;
  readonly #launcher: Entry;
  #processes: Entry[] = [];

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#file = join(directory, 'processes.json');
    this.#launcher = { name: 'launcher', pid: process.pid, startedAt: startOf(process.pid) ?? 'unknown' };
  }

  /**
   * Ends what a launcher that was killed has left behind, and takes the folder over. Only a process that began at
   * the very time that was written down is touched.
   *
   * @returns the names of what was ended.
   * @throws AlreadyRunningError where that launcher still runs.
   */
  async takeOver(): Promise<string[]> {
    const left = this.#read();
    if (left !== null && isStill(left.launcher) && left.launcher.pid !== process.pid) {
      throw new AlreadyRunningError(
        `A cluster runs in this folder already, as process ${left.launcher.pid}: end it first, or choose another folder with TRIBUTARY_DATA.`,
      );
    }
    const orphans = (left?.processes ?? []).filter(isStill);
    // PostgreSQL takes this for “fast”, and the others for an end in order.
    for (const { pid } of orphans) signalGroup(pid, 'SIGINT');
    await this.#untilGone(orphans, 10_000);
    for (const entry of orphans.filter(isStill)) signalGroup(entry.pid, 'SIGKILL');
    await this.#untilGone(orphans, 10_000);
    this.#write();
    return orphans.map(({ name }) => name);
  }

  /** Writes a process down that was started just now. */
  add(name: string, pid: number): void {
    const startedAt = startOf(pid);
    if (startedAt === null) return;
    this.#processes = [
      ...this.#processes.filter(({ pid: known }) => isAlive(known)),
      { name, pid, startedAt },
    ];
    this.#write();
  }

  async #untilGone(entries: readonly Entry[], withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (entries.some(isStill) && Date.now() < deadline) await delay(50);
  }

  #read(): z.infer<typeof ledgerSchema> | null {
    try {
      return ledgerSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return null;
    }
  }

  #write(): void {
    const draft = `${this.#file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ launcher: this.#launcher, processes: this.#processes }, null, 2));
    renameSync(draft, this.#file);
  }
}
