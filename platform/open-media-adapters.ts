import { TributaryError } from './errors.ts';
import type { MediaDecoder } from './ports/media-decoder.ts';
import type { PictureDecoder } from './ports/picture-decoder.ts';
import type { SoundEncoder } from './ports/sound-encoder.ts';
import type { TextReader } from './ports/text-reader.ts';
import type { Transcriber } from './ports/transcriber.ts';
import type { VisualEncoder } from './ports/visual-encoder.ts';
import type { ProcessContext } from './run-process.ts';
import type { Whisper } from './speech/whisper.ts';

/**
 * What reads and encodes pictures, sound and films, as the configuration asks for it, each owned by the process's
 * stack. What is missing is null, and no failure: it is said where it is needed.
 */

/** The encoder of pictures, and of texts that they are compared with. */
export async function openVisualEncoder(context: ProcessContext): Promise<VisualEncoder | null> {
  const { config, logger, stack, metrics } = context;
  const { visualEncoderModel: setting, modelsDirectory: directory, modelHub: hub, offline } = config;
  if (setting === 'none') return null;
  const missing = (reason: string) => {
    logger.warn(
      { reason },
      'pictures are not searched by what they show: there is no visual encoder. Get one with `npm run models`, or set TRIBUTARY_VISUAL_ENCODER to a folder that has one; then start again',
    );
    return null;
  };
  try {
    const { findVisualEncoder } = await import('./models/ensure-visual-encoder.ts');
    const found = await findVisualEncoder(setting, { directory, hub, offline });
    if (found === null) return missing('no model is in the models’ folder');
    const { createOnnxVisualEncoder } = await import('./visual/onnx-visual-encoder.ts');
    return stack.use(
      await createOnnxVisualEncoder({
        ...found,
        threads: config.encoderThreads,
        executionProviders: config.executionProviders,
        batchSize: config.encoderBatchSize,
        queueSize: Math.min(config.encoderQueueSize, mostPicturesWaiting),
        waitMs: config.encoderWaitMs,
        ...{ logger, metrics },
      }),
    );
  } catch (error) {
    // A setting that names nothing, or a folder that cannot be used, is a mistake; what cannot be had at present is not.
    const cannotBeHad = error instanceof TributaryError && error.code !== 'REJECTED_INPUT';
    if (setting !== 'auto' && !cannotBeHad) throw error;
    return missing(error instanceof Error ? error.message : String(error));
  }
}

/** Pictures are larger than texts, and those who ask keep them meanwhile. */
const mostPicturesWaiting = 1024;

/** The encoder of sound: that of the Whisper model which also writes down speech. */
export async function openSoundEncoder(context: ProcessContext): Promise<SoundEncoder | null> {
  return (await whisperOf(context))?.soundEncoder ?? null;
}

/** What writes down what is said: a service where one is configured, or else a Whisper model here. */
export async function openTranscriber(context: ProcessContext): Promise<Transcriber | null> {
  const { config, stack } = context;
  const { transcriptionUrl: url } = config;
  if (url === null) return (await whisperOf(context))?.transcriber ?? null;
  const { createOpenaiTranscriber } = await import('./speech/openai-transcriber.ts');
  const { transcriptionModel: model, transcriptionApiKey: apiKey } = config;
  return stack.use(createOpenaiTranscriber({ baseUrl: url, model, apiKey }));
}

const whispers = new WeakMap<ProcessContext, Promise<Whisper | null>>();

/** One Whisper model for both. */
function whisperOf(context: ProcessContext): Promise<Whisper | null> {
  const known = whispers.get(context) ?? openWhisperOnce(context);
  whispers.set(context, known);
  return known;
}

async function openWhisperOnce({ config, logger, stack }: ProcessContext): Promise<Whisper | null> {
  const { transcriber: setting, modelsDirectory: directory, modelHub: hub, offline } = config;
  const { encoderThreads: threads, executionProviders } = config;
  if (setting === 'none') return null;
  const models = await import('./models/ensure-transcriber.ts');
  // With `auto` nothing is downloaded here: that may take as long as the network pleases.
  const found =
    setting === 'auto'
      ? await models.findTranscriber(setting, { directory })
      : await models.ensureTranscriber(setting, { directory, hub, offline });
  if (found === null) {
    logger.warn(
      'speech is not written down and sound is not encoded: there is no Whisper model. Get one with `npm run models`, or set TRIBUTARY_TRANSCRIBER to a folder that has one; then start again',
    );
    return null;
  }
  const voiceActivity = await models.ensureVoiceActivity({ directory, hub, offline: true });
  if (voiceActivity === null) {
    logger.info('speech is told from other sound by its loudness; `npm run models` gets a model for it');
  }
  const { openWhisper } = await import('./speech/whisper.ts');
  try {
    return stack.use(await openWhisper({ ...found, voiceActivity, threads, executionProviders, logger }));
  } catch (error) {
    // A folder that was asked for and cannot be used is a mistake; one that was merely found is not.
    if (setting !== 'auto') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ reason }, 'speech is not written down and sound is not encoded: the model cannot be used');
    return null;
  }
}

/** What reads the text in pictures. */
export async function openTextReader(context: ProcessContext): Promise<TextReader | null> {
  const { config, logger, stack } = context;
  const { textReader: setting, encoderThreads: threads, executionProviders } = config;
  if (setting === 'none') return null;
  try {
    const { ensureTextReader } = await import('./models/ensure-text-reader.ts');
    const { createOnnxTextReader } = await import('./text-reading/onnx-text-reader.ts');
    const { model, folder } = await ensureTextReader(setting, {
      ...{ directory: config.modelsDirectory, hub: config.modelHub, offline: config.offline },
    });
    return stack.use(await createOnnxTextReader({ model, folder, threads, executionProviders, logger }));
  } catch (error) {
    // A setting that names nothing is a mistake; a model that cannot be had at present is not.
    if (error instanceof TributaryError && error.code === 'REJECTED_INPUT') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ reason }, 'text in pictures and scanned pages is not read: the model for it cannot be had');
    return null;
  }
}

/** What decodes sound and films. */
export async function openMediaDecoder({ config, logger }: ProcessContext): Promise<MediaDecoder | null> {
  const { ffmpeg: setting, modelsDirectory: directory } = config;
  if (setting === 'none') return null;
  const { findFfmpeg } = await import('./media/find-ffmpeg.ts');
  const program = await findFfmpeg(setting, { directory });
  if (program === null) {
    // Nothing is downloaded here: that may take as long as the network pleases.
    logger.warn(
      'recordings and films are not read: there is no ffmpeg. Install one of at least 4.4, or get one with `npm run models`; then start again',
    );
    return null;
  }
  const { createFfmpegMediaDecoder } = await import('./media/ffmpeg-media-decoder.ts');
  return createFfmpegMediaDecoder({ program });
}

/** What decodes pictures: it starts processes when there is one to decode. */
export async function openPictureDecoder({ logger, stack }: ProcessContext): Promise<PictureDecoder | null> {
  try {
    import.meta.resolve('sharp');
  } catch {
    logger.warn('pictures are not read: the package sharp is not installed; install it with `npm install`');
    return null;
  }
  const { createSharpPictureDecoder } = await import('./pictures/sharp-picture-decoder.ts');
  return stack.use(createSharpPictureDecoder());
}
