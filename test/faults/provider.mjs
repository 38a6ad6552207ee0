// The provider of the wall, in a process of its own: the fault is the part of the model's name before a colon, what
// follows is a name of its own for each scenario. Faults that happen once are counted by the whole name.
import { json, serve } from '../support/provider-process.mjs';
import { createFaults } from './misbehaviour.mjs';
import { BROKEN_AFTER, figuresOf } from './pieces.mjs';

const FAULTS = createFaults({
  lateMs: 20_000,
  stallMs: 30_000,
  outageMs: 60_000,
  retryAfter: { 'retry-after': '2' },
  brokenAfter: BROKEN_AFTER,
});

/** How often a model was called, and since when. */
const calls = new Map();

function countOf(model) {
  const known = calls.get(model) ?? { count: 0, since: Date.now() };
  calls.set(model, { ...known, count: known.count + 1 });
  return calls.get(model);
}

serve((protocol, body, request, response) => {
  const fault = FAULTS[body.model.split(':')[0]];
  const speaking = Object.assign(Object.create(protocol), { figures: figuresOf(body.model) });
  const call = { protocol: speaking, body, request, response, ...countOf(body.model) };
  if (fault === undefined) {
    return json(response, 404, protocol.error(`model '${body.model}' not found`, 'model_not_found'));
  }
  return fault(call);
});
