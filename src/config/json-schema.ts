import { z } from 'zod';
import { editorSchema } from './schema.ts';

/** A text that is one whole reference, which stands for whatever is wanted there. */
const REFERENCE = { type: 'string', pattern: '^\\$\\{[^}]*\\}$' } as const;

/** What an editor knows of a configuration: the same options, as JSON Schema of the draft that editors of YAML read. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(editorSchema(), {
    target: 'draft-7',
    io: 'input',
    reused: 'ref',
    override({ jsonSchema }) {
      const { type, enum: words, description, default: usual, ...rest } = jsonSchema;
      if (words === undefined && !['number', 'integer', 'boolean'].includes(type as string)) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      const own = { ...(type !== undefined && { type }), ...(words !== undefined && { enum: words }), ...rest };
      Object.assign(jsonSchema, {
        ...(description !== undefined && { description }),
        ...(usual !== undefined && { default: usual }),
        anyOf: [own, REFERENCE],
      });
    },
  });
  return { $schema, title: 'A router of llm-router', ...schema };
}
