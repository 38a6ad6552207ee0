// What a provider can do wrong, each by its name. The wall lets it last as long as it would in earnest, the soak shorter.
import { json } from '../support/provider-process.mjs';
import { piecesOf } from './pieces.mjs';

const fails = (status, message, code, headers) => (call) =>
  json(call.response, status, call.protocol.error(message, code), headers);
const down = fails(503, 'the provider is down', 'service_unavailable');

export function answers({ protocol, body, response }) {
  const pieces = piecesOf(body.model);
  if (body.stream === true) return protocol.stream(response, body, pieces);
  json(response, 200, protocol.answer(body, pieces.join('')));
}

/** The first call meets the fault, every other one is answered. */
const once = (fault) => (call) => (call.count === 1 ? fault(call) : answers(call));

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

export function later(response, ms, act) {
  const timer = setTimeout(act, ms);
  response.on('close', () => clearTimeout(timer));
}

function resets({ request, response }) {
  response.cut = true;
  request.socket.resetAndDestroy();
}

/** A piece that is half an event, between others that are well. */
function garbles(call, before) {
  const { protocol, response } = call;
  begins(call, before, () => response.end(protocol.malformed + restOf(call, before)));
}

/** All but `[DONE]`, the last piece of the protocol. */
function leavesOutDone({ protocol, body, response }, end) {
  response.writeHead(200, { 'content-type': protocol.streamType });
  response.write(protocol.whole(body, piecesOf(body.model)).replace('data: [DONE]\n\n', ''));
  if (end) response.end();
}

const isPrefilled = ({ body }) => body.messages.at(-1).role === 'assistant';
const refusesPrefill = fails(400, 'This model does not support an assistant prefill', 'prefill_unsupported');

/**
 * A call is `{ protocol, body, request, response, count, since }`: how often its model was called, this time included,
 * and since when.
 * @param lateMs how long a first token is awaited, @param stallMs how long the next one, @param outageMs an outage
 * @param retryAfter the header of a 429 that names its end
 * @param brokenAfter how many pieces come before a stream breaks off or falls silent
 */
export function createFaults({ lateMs, stallMs, outageMs, retryAfter, brokenAfter }) {
  function cuts(call) {
    call.response.cut = true;
    begins(call, brokenAfter, () => call.response.socket.destroy());
  }
  function cutsWithUsage(call) {
    const { protocol, response } = call;
    response.cut = true;
    begins(call, brokenAfter, () =>
      response.write(protocol.event({ choices: [], usage: protocol.usage }), () => response.socket.destroy()),
    );
  }
  function stalls(call) {
    begins(call, brokenAfter, () => later(call.response, stallMs, () => call.response.end(restOf(call, brokenAfter))));
  }
  return {
    answers,
    rate_limited_once: once(fails(429, 'slow down', 'rate_limit_exceeded', retryAfter)),
    rate_limited: fails(429, 'slow down', 'rate_limit_exceeded'),
    error500_once: once(fails(500, 'an error', 'server_error')),
    error503: down,
    resets_once: once(resets),
    resets,
    silent: () => {},
    late: (call) => {
      if (call.body.stream === true) begins(call, 0);
      later(call.response, lateMs, () => call.response.end(restOf(call, 0)));
    },
    cuts,
    cuts_with_usage: cutsWithUsage,
    ends_early: (call) => begins(call, brokenAfter, () => call.response.end()),
    stalls_once: once(stalls),
    garbles_first: (call) => garbles(call, 0),
    garbles_later: (call) => garbles(call, brokenAfter),
    ends_without_done: (call) => leavesOutDone(call, true),
    stays_without_done: (call) => leavesOutDone(call, false),
    too_long: fails(400, 'This model has a context of 8 tokens', 'context_length_exceeded'),
    filters: fails(400, 'The prompt triggered the content filter', 'content_filter'),
    refuses_prefill: (call) => (isPrefilled(call) ? refusesPrefill(call) : answers(call)),
    down_at_first: (call) => (Date.now() - call.since < outageMs ? down(call) : answers(call)),
  };
}
