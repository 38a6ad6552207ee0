// A provider in a process of its own that speaks OpenAI's protocol. Its model `primary` follows a plan, `fallback` is always
// well, and `scripted` does what the first word of the prompt says. The parent sets the plan and asks for the log.
import { createServer } from 'node:http';
import { BEHAVIOURS, serve } from './behaviours.mjs';
import { isBroken } from './draw.mjs';

/**
 * What the primary does: `{kind: 'outage', fault, from, to, losesInFlight}` in wall time, or `{kind: 'half_broken', fault,
 * seed}`. An outage that loses what is in flight when it begins does not answer it either.
 */
let plan = { kind: 'outage', fault: 'hang', from: 0, to: 0, losesInFlight: false };
/** Every call since the plan was set. */
let log = [];
const counts = { primary: 0, fallback: 0, scripted: 0 };
const watchers = new Set();
const changed = () => {
  for (const watcher of [...watchers]) watcher();
};

const server = createServer(async (request, response) => {
  let text = '';
  for await (const piece of request) text += piece;
  const body = JSON.parse(text);
  const { model } = body;
  const entry = {
    model,
    prompt: body.messages.at(-1).content,
    startedAt: Date.now(),
    closedAt: null,
    written: 0,
  };
  log.push(entry);
  counts[model]++;
  response.on('close', () => {
    entry.closedAt = Date.now();
    changed();
  });
  const wrote = () => {
    entry.written++;
    changed();
  };
  changed();
  const call = { body, request, response, wrote, isFirst: isFirstOf(entry) };
  behaviourOf(entry, counts[model])(call);
});

const isFirstOf = (entry) => log.find(({ prompt }) => prompt === entry.prompt) === entry;

/** How a call is answered: by its own script, by the plan, or well. */
function behaviourOf({ model, prompt, startedAt }, count) {
  if (model === 'scripted') return BEHAVIOURS[prompt.split(' ')[0]];
  if (model !== 'primary') return (call) => serve(call);
  const { kind, fault, losesInFlight, seed } = plan;
  const isUnwell = kind === 'outage' ? isDownAt(startedAt) : isBroken(seed, count);
  if (isUnwell) return BEHAVIOURS[fault];
  return (call) => serve(call, () => (losesInFlight && isDownAt(Date.now()) ? BEHAVIOURS[fault] : null));
}

const isDownAt = (at) => at >= plan.from && at < plan.to;

/** `plan` begins a new log; `calls` answers with it; `reached` answers once the last call of a prompt has got there. */
const COMMANDS = {
  plan(given) {
    plan = given;
    log = [];
    for (const model of Object.keys(counts)) counts[model] = 0;
    return true;
  },
  calls: () => log,
  reached: ({ prompt, state }) =>
    new Promise((resolve) => {
      const look = () => {
        const entry = log.findLast((each) => each.prompt === prompt);
        const is = {
          started: entry !== undefined,
          wrote: entry?.written > 0,
          closed: (entry?.closedAt ?? null) !== null,
        };
        if (!is[state]) return;
        watchers.delete(look);
        resolve(entry);
      };
      watchers.add(look);
      look();
    }),
};

process.on('message', async ({ id, command, given }) => {
  process.send({ id, value: await COMMANDS[command](given) });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
