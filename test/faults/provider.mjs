// The provider of the wall, in a process of its own: the fault is the part of the model's name before a colon, what
// follows is a name of its own for each scenario. Faults that happen once are counted by the whole name.
import { json, serve } from '../support/provider-process.mjs';
import { BROKEN_AFTER, figuresOf, piecesOf } from './pieces.mjs';

const LATE_MS = 20_000;
const STALL_MS = 30_000;
const OUTAGE_MS = 60_000;

/** How often a model was called, and since when. */
const calls = new Map();

function countOf(model) {
  const known = calls.get(model) ?? { count: 0, since: Date.now() };
  calls.set(model, { ...known, count: known.count + 1 });
  return calls.get(model);
}

const fails = (status, message, code, headers) => (call) =>
  json(call.response, status, call.protocol.error(message, code), headers);
const down = fails(503, 'the provider is down', 'service_unavailable');

/** The first call meets the fault, every other one is answered. */
const once = (fault) => (call) => (call.count === 1 ? fault(call) : answers(call));

function answers({ protocol, body, response }) {
  const pieces = piecesOf(body.model);
  if (body.stream === true) return protocol.stream(response, body, pieces);
  json(response, 200, protocol.answer(body, pieces.join('')));
}

/** Sends the first pieces of a stream, whole, and then what the fault makes of it. */
function begins({ protocol, body, response }, pieces, then) {
  response.writeHead(200, { 'content-type': protocol.streamType });
  response.write(
    piecesOf(body.model)
      .slice(0, pieces)
      .map((piece) => protocol.piece(body, piece))
      .join(''),
    then,
  );
}

const restOf = ({ protocol, body }, from) => protocol.whole(body, piecesOf(body.model).slice(from));

function cuts(call) {
  call.response.cut = true;
  begins(call, BROKEN_AFTER, () => call.response.socket.destroy());
}

const cutsWithUsage = (call) => {
  const { protocol, response } = call;
  response.cut = true;
  begins(call, BROKEN_AFTER, () =>
    response.write(protocol.event({ choices: [], usage: protocol.usage }), () => response.socket.destroy()),
  );
};

function later(response, ms, act) {
  const timer = setTimeout(act, ms);
  response.on('close', () => clearTimeout(timer));
}

function stalls(call) {
  begins(call, BROKEN_AFTER, () => later(call.response, STALL_MS, () => call.response.end(restOf(call, BROKEN_AFTER))));
}

/** A piece that is half an event, between others that are well. */
function garbles(call, before) {
  const { protocol, response } = call;
  begins(call, before, () => response.end(protocol.malformed + restOf(call, before)));
}

/** All but `[DONE]`, the last piece of the protocol. */
function leavesOutDone(call, end) {
  const { protocol, body, response } = call;
  response.writeHead(200, { 'content-type': protocol.streamType });
  response.write(protocol.whole(body, piecesOf(body.model)).replace('data: [DONE]\n\n', ''));
  if (end) response.end();
}

const isPrefilled = ({ body }) => body.messages.at(-1).role === 'assistant';

const FAULTS = {
  answers,
  rate_limited_once: once(fails(429, 'slow down', 'rate_limit_exceeded', { 'retry-after': '2' })),
  rate_limited: fails(429, 'slow down', 'rate_limit_exceeded'),
  error500_once: once(fails(500, 'an error', 'server_error')),
  error503: down,
  resets_once: once((call) => {
    call.response.cut = true;
    call.request.socket.resetAndDestroy();
  }),
  resets: (call) => {
    call.response.cut = true;
    call.request.socket.resetAndDestroy();
  },
  silent: () => {},
  late: (call) => {
    if (call.body.stream === true) begins(call, 0);
    later(call.response, LATE_MS, () => call.response.end(restOf(call, 0)));
  },
  cuts,
  cuts_with_usage: cutsWithUsage,
  ends_early: (call) => begins(call, BROKEN_AFTER, () => call.response.end()),
  stalls_once: once(stalls),
  garbles_first: (call) => garbles(call, 0),
  garbles_later: (call) => garbles(call, BROKEN_AFTER),
  ends_without_done: (call) => leavesOutDone(call, true),
  stays_without_done: (call) => leavesOutDone(call, false),
  too_long: fails(400, 'This model has a context of 8 tokens', 'context_length_exceeded'),
  filters: fails(400, 'The prompt triggered the content filter', 'content_filter'),
  refuses_prefill: (call) =>
    isPrefilled(call)
      ? fails(400, 'This model does not support an assistant prefill', 'prefill_unsupported')(call)
      : answers(call),
  down_at_first: (call) => (Date.now() - call.since < OUTAGE_MS ? down(call) : answers(call)),
};

serve((protocol, body, request, response) => {
  const fault = FAULTS[body.model.split(':')[0]];
  const speaking = Object.assign(Object.create(protocol), { figures: figuresOf(body.model) });
  const call = { protocol: speaking, body, request, response, ...countOf(body.model) };
  if (fault === undefined) return fails(404, `model '${body.model}' not found`, 'model_not_found')(call);
  return fault(call);
});
