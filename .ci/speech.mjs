// How well speech is written down: node .ci/speech.mjs CHECKOUT WHISPER_FOLDER [SILERO_VAD_FILE]
// Sentences that espeak-ng speaks, with pauses between that are known to the millisecond, go through the transcriber of
// the checkout: at most 15 % of the words may be wrong, and no sentence may be placed more than 0.5 s off. Then silence,
// noise, tones and chords, in which no word may be heard, and sounds that must be found by a shorter piece of them.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [checkout = '.', folder = process.env.WHISPER_FOLDER, voiceActivity = null] = process.argv.slice(2);
if (!folder) throw new Error('Which model? node .ci/speech.mjs CHECKOUT WHISPER_FOLDER [SILERO_VAD_FILE]');
const load = (path) => import(pathToFileURL(resolve(checkout, path)).href);
const { register } = await load('node_modules/tsx/dist/esm/api/index.mjs');
register();
const { openWhisper } = await load('platform/speech/whisper.ts');

const most = { wordErrorRate: 0.15, offsetSeconds: 0.5 };
const sampleRate = 16_000;
const sentences = [
  'The pump must be serviced every five hundred hours of operation.',
  'Close the main valve before you remove the cover.',
  'The temperature of the bearing is higher than it was yesterday.',
  'There is a small leak at the flange of the second tank.',
  'Please replace the filter and write the date on the label.',
  'The motor runs, but the belt makes a strange noise.',
  'We checked the pressure three times this morning.',
  'The spare parts are stored on the shelf behind the door.',
  'Turn the switch to the left until the green light comes on.',
  'Nobody may enter the room while the machine is running.',
  'The drawing shows four bolts, but the plate has six holes.',
  'Water is coming out of the pipe near the window.',
  'The technician will arrive on Monday at nine in the morning.',
  'Clean the glass with a soft cloth and warm water.',
  'The alarm was caused by a loose wire in the control box.',
  'Measure the distance between the two shafts.',
  'The report was sent to the manager last week.',
  'Oil the chain after every third shift.',
  'The new sensor is connected to the blue cable.',
  'If the fan stops, the engine will become too hot.',
  'Put the tools back into the red box when you are done.',
  'The inspection found no damage to the concrete wall.',
];
/** Pauses before the sentences, in seconds; some are longer than a model's whole window. */
const pauses = [
  0.7, 1.2, 0.9, 2.5, 0.8, 1.5, 4, 0.8, 35, 1, 1.1, 0.9, 6, 0.7, 1.3, 0.8, 2.2, 0.9, 1, 12, 0.8, 1.4,
];

/** What a WAV of 16 bits holds, at 16 kHz. */
function readWav(bytes) {
  let at = 12;
  while (bytes.toString('latin1', at, at + 4) !== 'data') at += 8 + bytes.readUInt32LE(at + 4);
  const rate = bytes.readUInt32LE(24);
  const pcm = bytes.subarray(at + 8);
  const samples = Float32Array.from({ length: pcm.length >> 1 }, (_, i) => pcm.readInt16LE(2 * i) / 32768);
  // To 16 kHz: a windowed sinc, as decoders have it.
  const ratio = rate / sampleRate;
  const reach = Math.ceil(16 * ratio);
  return Float32Array.from({ length: Math.floor(samples.length / ratio) }, (_, i) => {
    let sum = 0;
    const middle = i * ratio;
    for (
      let j = Math.max(0, Math.ceil(middle - reach));
      j <= Math.min(samples.length - 1, middle + reach);
      j++
    ) {
      const x = (j - middle) / ratio;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      sum += (samples[j] * sinc * (0.5 + 0.5 * Math.cos((Math.PI * (j - middle)) / reach))) / ratio;
    }
    return sum;
  });
}

const speak = (text) => readWav(execFileSync('espeak-ng', ['-v', 'en-us', '-s', '150', '--stdout', text]));

/** Without the quiet before and behind it: where a sentence begins is where it is heard. */
function trim(samples) {
  const loud = (value) => Math.abs(value) > 0.01;
  return samples.slice(samples.findIndex(loud), samples.findLastIndex(loud) + 1);
}

const numbers = { 2: 'two', 3: 'three', 4: 'four', 6: 'six', 9: 'nine', 500: 'five hundred', '3rd': 'third' };
const words = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => (numbers[word] ?? word).split(' '));

/** Words to insert, to leave out and to change. */
function distance(wanted, heard) {
  let row = heard.map((_, i) => i + 1);
  row.unshift(0);
  for (const [i, word] of wanted.entries()) {
    const next = [i + 1];
    for (const [j, other] of heard.entries()) {
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (word === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1);
}

let failures = 0;
function check(what, isGood) {
  console.log(`${isGood ? 'ok    ' : 'FAILED'} ${what}`);
  if (!isGood) failures++;
}

const whisper = await openWhisper({
  folder,
  voiceActivity,
  threads: 2,
  executionProviders: ['cpu'],
  logger: { warn: console.warn, error: console.error, info: () => {}, debug: () => {} },
});

// Speech.
const parts = [];
const spoken = [];
let length = 0;
for (const [index, sentence] of sentences.entries()) {
  const pause = new Float32Array(Math.round(pauses[index] * sampleRate));
  const sound = trim(speak(sentence));
  parts.push(pause, sound);
  const start = (length + pause.length) / sampleRate;
  length += pause.length + sound.length;
  spoken.push({ sentence, start, end: length / sampleRate });
}
parts.push(new Float32Array(sampleRate));
const recording = Float32Array.from({ length: length + sampleRate });
let offset = 0;
for (const part of parts) {
  recording.set(part, offset);
  offset += part.length;
}
const startedAt = performance.now();
const segments = await whisper.transcriber.transcribe(recording);
const took = (performance.now() - startedAt) / 1000;
if (process.env.VERBOSE) {
  for (const { startMs, endMs, text } of segments) console.log(`  ${startMs / 1000}–${endMs / 1000} ${text}`);
}

const heard = words(segments.map(({ text }) => text).join(' '));
const wanted = words(sentences.join(' '));
const wordErrorRate = distance(wanted, heard) / wanted.length;
let worst = 0;
for (const { startMs, endMs } of segments) {
  // A segment begins where a sentence begins and ends where one ends, or else it is misplaced.
  const begin = Math.min(...spoken.map(({ start }) => Math.abs(start - startMs / 1000)));
  const finish = Math.min(...spoken.map(({ end }) => Math.abs(end - endMs / 1000)));
  if (process.env.VERBOSE && Math.max(begin, finish) > most.offsetSeconds) {
    console.log(
      `  ${startMs / 1000}–${endMs / 1000} is off by ${begin.toFixed(2)} and ${finish.toFixed(2)} s`,
    );
  }
  worst = Math.max(worst, begin, finish);
}
let missed = 0;
for (const { start, end } of spoken) {
  const covered = segments.some(({ startMs, endMs }) => startMs / 1000 < end && endMs / 1000 > start);
  if (!covered) missed++;
}
const seconds = recording.length / sampleRate;
console.log(
  `${sentences.length} sentences, ${wanted.length} words, ${seconds.toFixed(0)} s of sound in ${took.toFixed(1)} s`,
);
check(
  `word error rate ${(100 * wordErrorRate).toFixed(1)} % (at most 15 %)`,
  wordErrorRate <= most.wordErrorRate,
);
check(`largest error of a time ${worst.toFixed(2)} s (at most 0.5 s)`, worst <= most.offsetSeconds);
check(`sentences without a segment: ${missed}`, missed === 0);

// What is no speech.
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
};
const of = (seconds, at) =>
  Float32Array.from({ length: seconds * sampleRate }, (_, i) => at(i / sampleRate, i));
const tone = (frequency, t) => Math.sin(2 * Math.PI * frequency * t);
const chords = [
  [262, 330, 392],
  [220, 262, 330],
  [175, 220, 262],
  [196, 247, 294],
];
const melody = [262, 294, 330, 349, 392, 440, 494, 523];
const others = {
  silence: of(40, () => 0),
  'faint noise': of(20, () => 0.0005 * random()),
  'white noise': of(40, () => 0.1 * random()),
  'loud noise': of(20, () => 0.5 * random()),
  'a hum of 50 Hz': of(20, (t) => 0.3 * tone(50, t) + 0.1 * tone(150, t)),
  'a tone of 440 Hz': of(20, (t) => 0.3 * tone(440, t)),
  'chords that are struck': of(40, (t) => {
    const chord = chords[Math.floor(t) % chords.length];
    return (
      chord.reduce((sum, f) => sum + 0.1 * (tone(f, t) + 0.5 * tone(2 * f, t)), 0) * Math.exp(-2 * (t % 1))
    );
  }),
  'a melody with drums': of(40, (t) => {
    const beat = t % 0.5;
    const note = melody[Math.floor(t * 2) % melody.length];
    return 0.2 * tone(note, t) * Math.exp(-3 * beat) + 0.3 * random() * Math.exp(-40 * beat);
  }),
  knocking: of(20, (t) => 0.6 * random() * Math.exp(-60 * (t % 1.3))),
};
for (const [name, samples] of Object.entries(others)) {
  const invented = await whisper.transcriber.transcribe(samples);
  const text = invented.map((segment) => segment.text).join(' ');
  check(`${name}: ${text === '' ? 'no words' : `invented “${text}”`}`, text === '');
}

// Search by sound: 2 seconds of a sound find the 5 seconds that they are of.
const soundEncoder = whisper.soundEncoder;
if (soundEncoder === null) check('the model encodes sound', false);
else {
  const names = [
    'white noise',
    'a hum of 50 Hz',
    'a tone of 440 Hz',
    'chords that are struck',
    'a melody with drums',
    'knocking',
  ];
  const sounds = names.map((name) => others[name].slice(0, 5 * sampleRate));
  sounds.push(recording.slice(sampleRate, 6 * sampleRate));
  names.push('speech');
  const vectors = await soundEncoder.encode(sounds);
  const queries = await soundEncoder.encode(
    sounds.map((sound) => sound.slice(1.5 * sampleRate, 3.5 * sampleRate)),
  );
  const product = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  for (const [index, query] of queries.entries()) {
    const scores = vectors.map((vector) => product(query, vector));
    const best = scores.indexOf(Math.max(...scores));
    if (process.env.VERBOSE) console.log(`  ${scores.map((score) => score.toFixed(3)).join(' ')}`);
    check(`${names[index]} is found by 2 s of it (${names[best]})`, best === index);
  }
}
const provider = whisper.transcriber.description.executionProvider;
await whisper[Symbol.asyncDispose]();
console.log(`on ${provider}; ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
