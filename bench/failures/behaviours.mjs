// What a provider does with a call, well or not, in OpenAI's protocol.
import { openai } from '../../test/support/fake-protocols.mjs';

/** How long a healthy call takes. */
export const SERVICE_MS = 50;
/** What every whole answer says. */
export const ANSWER = 'All is well.';
/** A stream that can be left: so many pieces, one each so often. */
export const TRICKLE = { pieces: 50, paceMs: 20 };
/** How long a call that `fails_once` asks to be left alone. */
const RETRY_AFTER_MS = 100;
/** One slice of an answer that drips, so that all of it takes five seconds. */
const DRIP = { slices: 50, paceMs: 100 };

const typeOf = (body) => (body.stream === true ? openai.streamType : 'application/json');
const wholeOf = (body) =>
  body.stream === true ? openai.whole(body, ANSWER.split(/(?<= )/)) : JSON.stringify(openai.answer(body, ANSWER));

/** Runs unless the client has left by then. */
function after(ms, response, act) {
  const timer = setTimeout(act, ms);
  response.on('close', () => clearTimeout(timer));
}

/** Writes piece by piece until the client leaves. */
function paced(response, pieces, paceMs, ending = '', wrote = () => {}) {
  let written = 0;
  const timer = setInterval(() => {
    response.write(pieces[written]);
    written++;
    wrote();
    if (written === pieces.length) response.end(ending);
  }, paceMs);
  response.on('close', () => clearInterval(timer));
}

function fail(response, status, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(openai.error(`answered ${status}`, 'fault')));
}

/** @param instead what to do in place of the answer when it is due; null: answer */
export function serve(call, instead = () => null) {
  const { body, response } = call;
  after(SERVICE_MS, response, () => {
    const fault = instead();
    if (fault !== null) return fault(call);
    response.writeHead(200, { 'content-type': typeOf(body) });
    response.end(wholeOf(body));
  });
}

function reset({ body, request, response }) {
  after(SERVICE_MS, response, () => {
    const text = wholeOf(body);
    response.writeHead(200, { 'content-type': typeOf(body) });
    response.write(text.slice(0, text.length / 2), () => request.socket.resetAndDestroy());
  });
}

function malformed({ body, response }) {
  after(SERVICE_MS, response, () => {
    response.writeHead(200, { 'content-type': typeOf(body) });
    response.end(body.stream === true ? openai.malformed : '{"choices": [{"mess');
  });
}

function drip({ body, response }) {
  const text = wholeOf(body);
  const size = Math.ceil(text.length / DRIP.slices);
  const slices = Array.from({ length: DRIP.slices }, (_, index) => text.slice(index * size, (index + 1) * size));
  response.writeHead(200, { 'content-type': typeOf(body) });
  paced(response, slices, DRIP.paceMs);
}

function trickle({ body, response, wrote }) {
  response.writeHead(200, { 'content-type': openai.streamType });
  const pieces = Array.from({ length: TRICKLE.pieces }, (_, index) => openai.piece(body, `${index} `));
  paced(response, pieces, TRICKLE.paceMs, `${openai.ending(body, 'stop')}data: [DONE]\n\n`, wrote);
}

/** A stream that says who speaks, and no more. */
function preface({ body, response, wrote }) {
  response.writeHead(200, { 'content-type': openai.streamType });
  response.write(openai.chunk(body, { role: 'assistant', content: '' }), wrote);
}

/** By name: the faults of the primary, and what a scripted call can be told to do. */
export const BEHAVIOURS = {
  serve: (call) => serve(call),
  500: ({ response }) => fail(response, 500),
  429: ({ response }) => fail(response, 429),
  hang: () => {},
  'reset in mid-body': reset,
  'malformed 200': malformed,
  'slow drip': drip,
  trickle,
  preface,
  fails_once: (call) =>
    call.isFirst ? fail(call.response, 500, { 'retry-after-ms': String(RETRY_AFTER_MS) }) : serve(call),
};
