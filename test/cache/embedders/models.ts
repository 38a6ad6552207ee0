import { existsSync } from 'node:fs';
import { join } from 'node:path';

const { LLM_ROUTER_MODEL_PATH = '' } = process.env;

/** The folder of models that the tests may use. */
export const MODELS = LLM_ROUTER_MODEL_PATH || 'nowhere';

/** Why no test can use real weights; null: they are there. */
export const NO_MODELS = existsSync(join(MODELS, 'all-MiniLM-L6-v2', 'onnx', 'model_quantized.onnx'))
  ? null
  : `LLM_ROUTER_MODEL_PATH ${LLM_ROUTER_MODEL_PATH === '' ? 'is not set' : 'names no folder with all-MiniLM-L6-v2'}`;
