// Writes docs/reference/config.schema.json: what editors know of a configuration file.
// With --check it writes nothing and fails when it differs from what is there.
import { configJsonSchema } from '../dist/src/config/json-schema.js';
import { generatedFiles } from './generated-files.mjs';

const { put, finish } = generatedFiles('npm run config-schema');
await put('docs/reference/config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
finish();
