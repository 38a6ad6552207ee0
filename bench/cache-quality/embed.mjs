import { env, pipeline } from '@huggingface/transformers';

const MODEL = 'all-MiniLM-L6-v2';
export const MODEL_TEXT = `Model \`${MODEL}\`, precision q8, one thread, mean of the tokens, unit length`;

/** From a text to its vector, by the model in a local folder. Nothing is downloaded. */
export async function embedderIn(folder) {
  env.localModelPath = folder;
  env.allowRemoteModels = false;
  const extract = await pipeline('feature-extraction', MODEL, {
    dtype: 'q8',
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  return async (text) => (await extract([text], { pooling: 'mean', normalize: true })).data;
}

/** Of vectors of unit length. */
export const cosine = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
