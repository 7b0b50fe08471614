import { readFile } from 'node:fs/promises';
import { sampleRate } from '../../platform/ports/transcriber.ts';
import { projectFile } from '../../platform/project-file.ts';
import { encodeWav } from '../../platform/speech/encode-wav.ts';
import { cutStretches } from '../../subgraphs/ingest/extract/cut-stretches.ts';
import type { Findings } from '../harness/benchmark.ts';
import { addFiles } from '../system/add-files.ts';
import type { System } from '../system/start-system.ts';
import { measureStages } from './measure-stages.ts';

const seconds = 30;

/** Seconds of speech a second; nothing where there is no Whisper model. */
export async function measureRecordings({ adapters, ...system }: System): Promise<Findings> {
  const what = 'Recordings';
  const [media, transcriber, encoder] = await Promise.all([
    adapters.mediaDecoder(),
    adapters.transcriber(),
    adapters.soundEncoder(),
  ]);
  if (media === null || transcriber === null || encoder === null) {
    const setup = ['Recordings: not measured, since there is no ffmpeg or no Whisper model here.'];
    return { title: what, setup, figures: [], comparisons: [] };
  }
  const speech = await samplesOf(await readFile(projectFile('samples/handover-call.ogg')));
  let round = 0;
  let newest = new Float32Array();

  /** The sample call again and again, from another place on in each round. */
  function next(): Float32Array<ArrayBuffer> {
    round++;
    const from = round * 12_345;
    return Float32Array.from(
      { length: seconds * sampleRate },
      (_, index) => speech[(from + index) % speech.length] ?? 0,
    );
  }
  async function samplesOf(bytes: Uint8Array): Promise<Float32Array> {
    await using opened = await (media as NonNullable<typeof media>).open(bytes);
    const parts: Float32Array[] = [];
    for await (const part of opened.sound({ seconds: 10 })) parts.push(part);
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }
  async function* asOnePart() {
    yield newest;
  }

  return measureStages({
    what,
    noun: 'seconds of sound',
    setup: `one WAV of ${seconds} seconds of the sample call a round; the ${transcriber.description.model} by itself transcribes the same samples, decoded, in the same stretches, and encodes as many windows of 5 seconds.`,
    peer: 'Whisper by itself, sound decoded',
    async ingest() {
      newest = next();
      await addFiles({ adapters, ...system }, [{ name: 'call.wav', bytes: encodeWav(newest, sampleRate) }]);
      return seconds;
    },
    async decode() {
      await samplesOf(encodeWav(newest, sampleRate));
      return seconds;
    },
    async encode() {
      for await (const { samples } of cutStretches(asOnePart())) {
        await transcriber.transcribe(samples);
        for (let at = 0; at === 0 || at + sampleRate < samples.length; at += 4 * sampleRate) {
          await encoder.encode([samples.subarray(at, at + 5 * sampleRate)]);
        }
      }
      return seconds;
    },
  });
}
