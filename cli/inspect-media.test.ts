import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../platform/config/config.ts';
import { probeProviders } from '../platform/encoder/probe-providers.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { tinyModel } from '../platform/visual/testing/tiny-models.ts';
import { inspectMedia } from './inspect-media.ts';

/** What doctor says of a machine without any model, with these settings. */
async function inspected(settings: Readonly<Record<string, string>>) {
  await using folder = await temporaryDirectory();
  const config = readConfig({ TRIBUTARY_MODELS: folder.path, ...settings });
  const providers = await probeProviders(config.executionProviders);
  const findings = await inspectMedia(config, providers, new AbortController().signal);
  return new Map(findings.map((finding) => [finding.name, finding]));
}

const none = {
  TRIBUTARY_VISUAL_ENCODER: 'none',
  TRIBUTARY_TRANSCRIBER: 'none',
  TRIBUTARY_TEXT_READER: 'none',
  TRIBUTARY_FFMPEG: 'none',
};

describe('doctor', () => {
  it('says what is missing and what to do', async () => {
    const found = await inspected({ TRIBUTARY_VISUAL_ENCODER: 'clip-vit-base-patch32-int8' });
    expect(found.get('visual encoder')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('pictures are found by their words only'),
      mend: expect.stringContaining('npm run models'),
    });
    for (const name of ['speech and sound', 'text reader']) {
      expect(found.get(name)).toMatchObject({
        state: 'warning',
        mend: expect.stringContaining('TRIBUTARY_'),
      });
    }
  });

  it('says which model is used, and on what', async () => {
    const found = await inspected({ ...none, TRIBUTARY_VISUAL_ENCODER: tinyModel('clip') });
    expect(found.get('execution provider')).toMatchObject({ state: 'ok', detail: 'cpu' });
    expect(found.get('visual encoder')).toMatchObject({ state: 'ok', detail: 'clip on cpu' });
  });

  it('says that a setting is wrong', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(join(folder.path, 'config.json'), '{}');
    const wrong = await inspected({ ...none, TRIBUTARY_VISUAL_ENCODER: folder.path });
    expect(wrong.get('visual encoder')).toMatchObject({
      state: 'problem',
      detail: expect.stringContaining('preprocessor_config.json'),
      mend: 'Set TRIBUTARY_VISUAL_ENCODER right.',
    });
    const unknown = await inspected({ ...none, TRIBUTARY_VISUAL_ENCODER: 'no-such' });
    expect(unknown.get('visual encoder')).toMatchObject({ state: 'problem' });
  });

  it('says that an execution provider cannot be used, and which is instead', async () => {
    // Core ML is for macOS, and DirectML for Windows: no machine has both.
    const found = await inspected({ ...none, TRIBUTARY_EXECUTION_PROVIDERS: 'coreml,dml,cpu' });
    expect(found.get('execution provider')).toMatchObject({
      state: 'warning',
      detail: expect.stringMatching(/cannot be used: .*(dml|coreml): /),
      mend: expect.stringContaining('npm run setup:gpu'),
    });
  });

  it('takes it that what is not wanted is all right', async () => {
    const found = await inspected({ ...none, TRIBUTARY_TRANSCRIPTION_URL: 'http://127.0.0.1:9/v1' });
    expect([...found.values()].map(({ state }) => state)).toEqual(Array(6).fill('ok'));
    expect(found.get('speech and sound')?.detail).toContain('whisper-1 at http://127.0.0.1:9/v1');
  });
});
