import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { sampleDrawings } from '../drawings/sample-drawings.ts';
import { speak } from './make-recording.ts';

// Makes samples/valve-walkthrough.mp4 with espeak-ng and ffmpeg: `tsx tools/samples/make-film.ts`.

const run = promisify(execFile);
const side = 480;

const card = (paper: string, ink: string, drawing: string, words: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="${side}" height="${side}">
     <rect width="256" height="256" fill="${paper}"/>
     <g fill="none" stroke="${ink}" stroke-width="4">${drawing}</g>
     <text x="128" y="240" font-family="DejaVu Sans, Liberation Sans, sans-serif" font-size="16" fill="${ink}"
           text-anchor="middle">${words}</text>
   </svg>`;

const handwheel =
  '<circle cx="128" cy="112" r="76"/><circle cx="128" cy="112" r="14"/><path d="M128 98V36M128 126V188M114 112H52M142 112H204"/>';
const gauge = '<path d="M48 176A80 80 0 0 1 208 176Z"/><path d="M128 176L176 120"/>';

const drawing = (name: string): string => {
  const found = sampleDrawings().find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no drawing ${name}.`);
  return found.svg;
};

/** The shots, each with what is said during it. */
export const shots = [
  {
    svg: card('#f2d22e', '#000000', handwheel, 'VALVE V-12'),
    says: 'This is the discharge valve number twelve. Turn the wheel seven times to the left to open it.',
  },
  {
    svg: drawing('piping-cooling-water'),
    says: 'On the plan of the cooling water you see where the control valve is.',
  },
  {
    svg: card('#ffffff', '#2458b8', gauge, 'PRESSURE 4 BAR'),
    says: 'Watch the blue gauge. The pressure must not be higher than four bar.',
  },
  {
    svg: drawing('wiring-emergency-lamps'),
    says: 'If the lights go out, the emergency lamps are switched on beside the door.',
  },
] as const;

async function durationOf(path: string): Promise<number> {
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-i', path, '-f', 'null', '-']);
  const times = [...stderr.matchAll(/time=(\d+):(\d+):([\d.]+)/g)];
  const [, hours, minutes, seconds] = times.at(-1) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-film-'));
  try {
    const parts: string[] = [];
    for (const [index, { svg, says }] of shots.entries()) {
      const [picture, sound] = [join(folder, `${index}.png`), join(folder, `${index}.wav`)];
      const part = join(folder, `${index}.mkv`);
      await writeFile(picture, await sharp(Buffer.from(svg)).resize(side, side).flatten().png().toBuffer());
      await speak([says], folder, sound);
      const seconds = Math.ceil(await durationOf(sound));
      await run('ffmpeg', [
        ...['-v', 'error', '-y', '-loop', '1', '-framerate', '5', '-i', picture, '-i', sound],
        ...['-t', String(seconds), '-af', 'apad', '-c:v', 'ffv1', '-c:a', 'pcm_s16le', part],
      ]);
      parts.push(part);
    }
    const inputs = parts.flatMap((part) => ['-i', part]);
    const joined = parts.map((_, index) => `[${index}:v][${index}:a]`).join('');
    await run('ffmpeg', [
      ...['-v', 'error', '-y', ...inputs],
      ...['-filter_complex', `${joined}concat=n=${parts.length}:v=1:a=1[v][a]`, '-map', '[v]', '-map', '[a]'],
      ...['-c:v', 'libx264', '-preset', 'veryslow', '-crf', '30', '-pix_fmt', 'yuv420p', '-threads', '1'],
      ...[
        '-c:a',
        'aac',
        '-b:a',
        '32k',
        '-ac',
        '1',
        '-bitexact',
        '-map_metadata',
        '-1',
        '-movflags',
        '+faststart',
      ],
      ...['-metadata', 'title=How to open valve V-12', '-metadata', 'artist=M. Lindqvist'],
      fileURLToPath(new URL('../../samples/valve-walkthrough.mp4', import.meta.url)),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
