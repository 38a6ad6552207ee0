// The wall's provider as the soak needs it, in a process of its own: what it does is drawn by model and request, and
// passes in fractions of a second. Argument: the seed. Told `tally`, it tells what it has done how often.
import { answers, createFaults, later } from '../faults/misbehaviour.mjs';
import { BROKEN_AFTER, piecesOf } from '../faults/pieces.mjs';
import { cutBody } from '../support/fake-protocols.mjs';
import { serve } from '../support/provider-process.mjs';
import { createDice } from './dice.mjs';
import { createTally } from './tally.mjs';
import { behaviourOf, usageOf, voiceOf } from './wire-faults.mjs';

const seed = Number(process.argv[2]);
const dice = createDice(seed, 'pace of the provider');
const tally = createTally();
const startedAt = Date.now();

/** A whole answer in a few pieces, cut anywhere, also in the middle of an event. */
function paced(call) {
  const { protocol, body, response } = call;
  if (body.stream !== true) return slow(call);
  const text = protocol.whole(body, piecesOf(body.model));
  response.writeHead(200, { 'content-type': protocol.streamType });
  const next = (from) => {
    const to = from + dice.whole(text.length / 8, text.length / 3);
    if (to >= text.length) return response.end(text.slice(from));
    response.write(text.slice(from, to));
    later(response, dice.between(1, 25), () => next(to));
  };
  next(0);
}

const slow = (call) => later(call.response, dice.between(10, 110), () => answers(call));

const FAULTS = {
  ...createFaults({
    lateMs: 500,
    stallMs: 500,
    outageMs: 0,
    retryAfter: { 'retry-after-ms': '40' },
    brokenAfter: BROKEN_AFTER,
  }),
  paced,
  slow,
};
/** What only a stream knows; an answer in one piece is cut instead. */
const OF_STREAMS =
  /^(cuts|cuts_with_usage|ends_early|stalls_once|garbles_first|garbles_later|ends_without_done|stays_without_done|late)$/;

/** How often a request has come to a model. */
const counts = new Map();

function countOf(voice) {
  counts.set(voice, (counts.get(voice) ?? 0) + 1);
  return counts.get(voice);
}

serve((protocol, asked, request, response) => {
  const key = asked.messages.find(({ role }) => role === 'user').content;
  const voice = voiceOf(asked.model, key);
  const body = { ...asked, model: voice };
  const { fault, isDown = false } = behaviourOf(seed, asked.model, key, Date.now() - startedAt);
  const speaking = Object.assign(Object.create(protocol), { figures: usageOf(key, asked.model) });
  const isCut = body.stream !== true && OF_STREAMS.test(fault);
  tally.add('faults', isDown ? `down: ${fault}` : isCut ? 'cut in one piece' : fault);
  if (isCut) return cutBody(response, protocol.answer(body, 'half an ans'));
  FAULTS[fault]({ protocol: speaking, body, request, response, count: isDown ? 1 : countOf(voice) });
});
process.on('message', () => process.send(tally.of('faults')));
