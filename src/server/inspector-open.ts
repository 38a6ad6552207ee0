import type { Router } from '../router.ts';
import { type Inspection, type InspectOptions, resolveInspectOptions } from './inspector-options.ts';

/** Shows a router by whichever way was chosen; of the other nothing is loaded. @throws {ConfigurationError} */
export async function openInspection(router: Router, options: InspectOptions): Promise<Inspection> {
  const settings = resolveInspectOptions(options);
  if (settings.adapter === 'stately') return showAtStately(router, settings.url ?? 'ws://localhost:8080');
  const { serveInspector } = await import('./inspector-server.ts');
  return serveInspector(router, settings);
}

async function showAtStately({ actor }: Router, url: string): Promise<Inspection> {
  const { attachStately } = await import('../inspector/stately.ts');
  const onError = ({ message }: Error): void => process.emitWarning(message);
  const { detach } = await attachStately({ actor, onError: (error) => onError(error as Error) }, { url });
  return { url, close: async () => detach() };
}
