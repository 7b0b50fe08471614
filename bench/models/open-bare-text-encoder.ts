import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DisposableStack } from '../../platform/disposable-stack.ts';
import { readEncoderModel } from '../../platform/encoder/encoder-model.ts';
import { ensureTextEncoder } from '../../platform/models/ensure-text-encoder.ts';
import { searchTextOf } from '../../subgraphs/ingest/encode.ts';
import { caller, type System } from '../system/start-system.ts';
import { sessionOptions } from './session-options.ts';

/** The text encoder's model in onnxruntime by itself. */
export interface BareTextEncoder {
  /** The token ids of the passages of text that are stored but for the first `offset`, each as our encoder runs it. */
  tokens(offset: number): Promise<Int32Array[]>;
  /** The states of all tokens of so many texts together, padded; nothing is done with them. */
  run(texts: readonly Int32Array[]): Promise<void>;
}

/** Opens the model that the system encodes text with once more, for the stack to close. */
export async function openBareTextEncoder(system: System, stack: DisposableStack): Promise<BareTextEncoder> {
  const { config, database } = system;
  const { folder } = await ensureTextEncoder(config.encoderModel, {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
  });
  const model = await readEncoderModel(folder);
  const session = await InferenceSession.create(model.weights, sessionOptions(config));
  stack.defer(() => session.release());
  return {
    async tokens(offset) {
      const rows = await database.forTenant(caller.tenant, async (client) => {
        const { rows } = await client.query<{ title: string; text: string | null }>(
          `select d.title, c.text from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
           where c.family = 'text' order by d.created_at, d.id, c.ordinal offset $1`,
          [offset],
        );
        return rows;
      });
      return rows.map(({ title, text }) =>
        model.tokenizer.encode(model.prompts.passage + searchTextOf(title, text), model.maxTokens),
      );
    },
    async run(texts) {
      const length = Math.max(...texts.map((ids) => ids.length));
      const shape = [texts.length, length];
      const fill = (value: (ids: Int32Array, column: number) => number) =>
        new Tensor(
          'int64',
          BigInt64Array.from(
            texts.flatMap((ids) => Array.from({ length }, (_, column) => BigInt(value(ids, column)))),
          ),
          shape,
        );
      const inputs: Record<string, Tensor> = {
        input_ids: fill((ids, column) => ids[column] ?? model.padId),
        attention_mask: fill((ids, column) => (column < ids.length ? 1 : 0)),
        token_type_ids: fill(() => 0),
      };
      const feeds = Object.fromEntries(
        session.inputNames.flatMap((name) => (inputs[name] ? [[name, inputs[name]]] : [])),
      );
      await session.run(feeds);
    },
  };
}
