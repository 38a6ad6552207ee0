import { z } from 'zod';
import { editorSchema } from './schema.ts';

/** A text that is one whole reference, which stands for whatever is wanted there. */
const REFERENCE = { type: 'string', pattern: '^\\$\\{[^}]*\\}$' } as const;
/** A text with a reference in it, of which only whoever resolves it can say whether it has the right form. */
const REFERRING = { type: 'string', pattern: '\\$\\{[^}]*\\}' } as const;

/** What an editor knows of a configuration: the same options, as JSON Schema of the draft that editors of YAML read. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(editorSchema(), {
    target: 'draft-7',
    io: 'input',
    reused: 'ref',
    override({ jsonSchema }) {
      const { type, enum: words, description, default: usual, ...rest } = jsonSchema;
      const isFormed = type === 'string' && (rest.pattern ?? rest.format ?? rest.allOf) !== undefined;
      if (words === undefined && !isFormed && !['number', 'integer', 'boolean'].includes(type as string)) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      const own = { ...(type !== undefined && { type }), ...(words !== undefined && { enum: words }), ...rest };
      Object.assign(jsonSchema, {
        ...(description !== undefined && { description }),
        ...(usual !== undefined && { default: usual }),
        anyOf: [own, isFormed ? REFERRING : REFERENCE],
      });
    },
  });
  return { $schema, title: 'A router of llm-router', ...schema };
}
