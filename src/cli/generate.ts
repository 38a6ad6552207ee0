import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LLMRouter } from '../llm-router.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import { carryOut, lookAround, planFor } from '../server/autodetect.ts';

interface GenerateFlags {
  readonly priority: PriorityClass;
  readonly stream: boolean;
}

/** `llm-router generate "prompt"`: standard output holds the answer and nothing else. */
export function generateCommand(): Command {
  return new Command('generate')
    .description('answer one prompt on standard output')
    .argument('<prompt>', 'what to ask')
    .addOption(new Option('--priority <class>', PRIORITY_CLASSES.join(', ')).argParser(priorityOf).default('normal'))
    .option('--stream', 'print the answer as it comes', false)
    .action(generate);
}

async function generate(prompt: string, { priority, stream }: GenerateFlags): Promise<void> {
  const plan = planFor(await lookAround(process.env));
  if (plan.isSimulated) process.stderr.write(`${plan.notice}\n`);
  const router = new LLMRouter();
  try {
    carryOut(plan, router);
    const options = { priority, signal: interruption() };
    if (!stream) await print((await router.generate(prompt, options)).content);
    else for await (const chunk of router.stream(prompt, options)) if (chunk.type === 'text') await print(chunk.text);
    await print('\n');
  } finally {
    await router.stop({ graceMs: 0 });
  }
}

/** The first interrupt calls the request off; the next one, if that does not help, ends the process as usual. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    process.exitCode = 130;
    controller.abort(new Error('interrupted'));
  });
  // Whoever reads has enough, as `head` does: there is nobody left to write for.
  process.stdout.on('error', () => controller.abort(new Error('nobody reads the answer')));
  return controller.signal;
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function priorityOf(text: string): PriorityClass {
  const priority = PRIORITY_CLASSES.find((known) => known === text.toLowerCase());
  if (priority !== undefined) return priority;
  throw new InvalidArgumentError(`Accepted: ${PRIORITY_CLASSES.join(', ')}.`);
}
