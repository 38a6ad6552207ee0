import { Command } from 'commander';
import { openBrowser } from '../server/open-browser.ts';

/** `llm-router inspect <url>`: the inspector of a server that runs, in the browser. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('open the inspector of a running server in the browser')
    .argument('<url>', 'address of the server, such as http://127.0.0.1:8000')
    .option('--no-open', 'only print the address of the page')
    .action(inspect);
}

export interface InspectPorts {
  readonly print?: (text: string) => void;
  readonly show?: (url: string) => void;
}

/** @throws when there is no inspector at that address */
export async function inspect(
  given: string,
  { open }: { readonly open: boolean },
  { print = (text) => void process.stdout.write(text), show = openBrowser }: InspectPorts = {},
): Promise<void> {
  const server = serverAt(given);
  await checkInspector(server);
  const page = `${server}/inspector/`;
  print(`${page}\n`);
  if (open) show(page);
}

/** The address without a slash at its end, nor the page's own path. @throws */
function serverAt(given: string): string {
  const accepted = 'accepted: the address of a server, such as http://127.0.0.1:8000';
  if (!URL.canParse(given)) throw new Error(`inspect: given ${JSON.stringify(given)}, which is no URL; ${accepted}`);
  const { protocol, host, pathname, username, password } = new URL(given);
  // It may hold a key, and the address would end up in the history of a browser.
  if (username !== '' || password !== '')
    throw new Error(`inspect: given a URL with a user or a password; ${accepted}`);
  if (!/^https?:$/.test(protocol) || host === '') {
    throw new Error(`inspect: given ${JSON.stringify(given)}, which is no http or https URL; ${accepted}`);
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, '').replace(/\/inspector$/, '')}`;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** @throws */
async function checkInspector(server: string): Promise<void> {
  const alive = await ask(`${server}/livez`);
  if (alive.refusal !== undefined) throw new Error(`inspect: ${server} refuses to answer: ${alive.refusal}`);
  if (alive.body?.['status'] !== 'alive') throw new Error(`inspect: what answers at ${server} is no llm-router`);
  const session = await ask(`${server}/inspector/session`);
  if (typeof session.body?.['view'] !== 'boolean')
    throw new Error(`inspect: the llm-router at ${server} has no inspector`);
}

interface Told {
  /** null: it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** In the server's own words. */
  readonly refusal?: string;
}

async function ask(url: string): Promise<Told> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch((error: Error) => {
    const { message } = (error.cause ?? error) as Error;
    throw new Error(`inspect: nobody answers at ${new URL(url).origin}: ${message}`, {
      cause: error,
    });
  });
  const body = (await response.json().catch(() => null)) as Told['body'];
  const message = (body?.['error'] as { readonly message?: unknown } | undefined)?.message;
  return { body, ...(!response.ok && typeof message === 'string' && { refusal: message }) };
}
