import { expect, it } from 'vitest';
import { modelId, modelOf } from '../../../src/inspector/web/ids.ts';

it('leads from a model to its actor and back', () => {
  expect(modelId('gpu')).toBe('model:gpu');
  expect(modelOf(modelId('model:odd'))).toBe('model:odd');
});

it('knows an actor that is no model’s', () => {
  expect([modelOf('router'), modelOf('cache')]).toEqual([null, null]);
});
