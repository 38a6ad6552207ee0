const MODEL = 'model:';

/** A model's actor, as `#/fleet/…` and `#/chart/…` name it too: `gpu` → `model:gpu`. */
export const modelId = (name: string): string => MODEL + name;

/** The model of an actor: `model:gpu` → `gpu`; null: it is no model's. */
export const modelOf = (id: string): string | null => (id.startsWith(MODEL) ? id.slice(MODEL.length) : null);
