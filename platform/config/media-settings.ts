import { number, optionalText, optionalUrl, text } from './parse.ts';
import { setting } from './setting.ts';

/** How pictures, sound, films and tables are read and found. */
export const mediaSettings = {
  visualEncoderModel: setting({
    variable: 'TRIBUTARY_VISUAL_ENCODER',
    description:
      'The encoder of pictures and of texts that they are compared with. `auto` takes CLIP where `npm run models` could get it, and a small one that comes along and knows drawings and nothing else otherwise; `none` leaves pictures to be found by their words.',
    allowed:
      '`auto`, `none`, a name of `platform/models/models.lock.json`, `drawings-clip`, or a folder in the hub’s layout',
    fallback: 'auto',
    schema: text(),
  }),
  transcriber: setting({
    variable: 'TRIBUTARY_TRANSCRIBER',
    description:
      'What writes down speech, and encodes sound: a Whisper model. `auto` takes `whisper-tiny.en` where `npm run models` could get it.',
    allowed:
      '`auto`, `none`, `whisper-tiny.en`, `whisper-tiny`, `whisper-base`, or a folder in the hub’s layout',
    fallback: 'auto',
    schema: text(),
  }),
  transcriptionUrl: setting({
    variable: 'TRIBUTARY_TRANSCRIPTION_URL',
    description:
      'The base address of an OpenAI-compatible service that writes down speech in the place of a model here, such as `http://127.0.0.1:8000/v1`.',
    allowed: 'an http or https address',
    fallback: null as string | null,
    schema: optionalUrl(),
  }),
  transcriptionModel: setting({
    variable: 'TRIBUTARY_TRANSCRIPTION_MODEL',
    description: 'The name of the model that this service is asked for.',
    allowed: 'a name',
    fallback: 'whisper-1',
    schema: text(),
  }),
  transcriptionApiKey: setting({
    variable: 'TRIBUTARY_TRANSCRIPTION_API_KEY',
    description: 'The key for this service, where it wants one.',
    allowed: 'a key',
    fallback: null as string | null,
    secret: true,
    schema: optionalText(),
  }),
  textReader: setting({
    variable: 'TRIBUTARY_TEXT_READER',
    description:
      'What reads the text in pictures and scanned pages (OCR): a detector of lines and a recogniser, by default for Latin letters and Chinese.',
    allowed: '`auto`, `none`, a name of `platform/models/models.lock.json`, or a folder',
    fallback: 'auto',
    schema: text(),
  }),
  ffmpeg: setting({
    variable: 'TRIBUTARY_FFMPEG',
    description:
      'What decodes sound and films: `auto` takes the `ffmpeg` of this machine, or gets one by pip where there is none.',
    allowed: '`auto`, `none`, or the path of an ffmpeg program',
    fallback: 'auto',
    schema: text(),
  }),
  textWeight: setting({
    variable: 'TRIBUTARY_TEXT_WEIGHT',
    description: 'The factor by which passages of text weigh among hits of all modalities.',
    allowed: '0 to 10',
    fallback: 1.0,
    schema: number(0, 10),
  }),
  imageWeight: setting({
    variable: 'TRIBUTARY_IMAGE_WEIGHT',
    description: 'The factor by which pictures weigh.',
    allowed: '0 to 10',
    fallback: 1.2,
    schema: number(0, 10),
  }),
  askedImageWeight: setting({
    variable: 'TRIBUTARY_ASKED_IMAGE_WEIGHT',
    description:
      'The factor by which pictures weigh where the question asks for one: “diagram”, “drawing”, “photo”.',
    allowed: '0 to 10',
    fallback: 1.5,
    schema: number(0, 10),
  }),
  audioWeight: setting({
    variable: 'TRIBUTARY_AUDIO_WEIGHT',
    description: 'The factor by which sound weighs.',
    allowed: '0 to 10',
    fallback: 0.9,
    schema: number(0, 10),
  }),
  videoWeight: setting({
    variable: 'TRIBUTARY_VIDEO_WEIGHT',
    description: 'The factor by which films weigh.',
    allowed: '0 to 10',
    fallback: 1.0,
    schema: number(0, 10),
  }),
  tableWeight: setting({
    variable: 'TRIBUTARY_TABLE_WEIGHT',
    description: 'The factor by which rows of tables weigh.',
    allowed: '0 to 10',
    fallback: 1.0,
    schema: number(0, 10),
  }),
} as const;
