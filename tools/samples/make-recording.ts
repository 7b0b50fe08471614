import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Makes samples/handover-call.ogg with espeak-ng and ffmpeg: `tsx tools/samples/make-recording.ts`.

const run = promisify(execFile);

/** What is said, a sentence a line; between two of them there is a short silence. */
export const handoverCall = [
  'Good morning, this is the hand over of the night shift.',
  'Pump one hundred and three was started at ten minutes past four, because the water in the wet well rose quickly.',
  'The gate of the outfall is stuck, and it stands half open.',
  'We have called the divers. They will come on Friday at noon.',
  'The key of the switch room hangs in the blue cabinet.',
  'Please call the tide office before nine o clock, and ask for the new table.',
  'One more thing. The crane must not be used until the rope has been replaced.',
] as const;

/** Speaks sentences into one WAV file, with silence between them. */
export async function speak(sentences: readonly string[], folder: string, path: string): Promise<void> {
  const files: string[] = [];
  for (const [index, sentence] of sentences.entries()) {
    const file = join(folder, `sentence-${index}.wav`);
    await run('espeak-ng', ['-v', 'en-gb', '-s', '145', '-w', file, sentence]);
    files.push(file);
  }
  const inputs = files.flatMap((file) => ['-i', file]);
  const padded = files.map((_, index) => `[${index}:a]apad=pad_dur=0.5[p${index}]`).join(';');
  const joined = files.map((_, index) => `[p${index}]`).join('');
  await run('ffmpeg', [
    ...['-v', 'error', '-y', ...inputs, '-filter_complex'],
    ...[
      `${padded};${joined}concat=n=${files.length}:v=0:a=1[out]`,
      '-map',
      '[out]',
      '-ac',
      '1',
      '-ar',
      '16000',
      path,
    ],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-recording-'));
  try {
    const spoken = join(folder, 'spoken.wav');
    await speak(handoverCall, folder, spoken);
    await run('ffmpeg', [
      ...[
        '-v',
        'error',
        '-y',
        '-i',
        spoken,
        '-c:a',
        'libopus',
        '-b:a',
        '20k',
        '-bitexact',
        '-map_metadata',
        '-1',
      ],
      ...['-metadata', 'title=Handover of the night shift', '-metadata', 'artist=R. Adeyemi'],
      fileURLToPath(new URL('../../samples/handover-call.ogg', import.meta.url)),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
