import { spawn } from 'node:child_process';

/** Starts a program and does not wait for it. */
export type Start = (command: string, args: readonly string[]) => void;

/** A browser that cannot be opened is nobody's error: the address is known anyway. */
const start: Start = (command, args) => {
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
};

/** Shows an address in the browser of whoever sits at this machine. */
export function openBrowser(url: string, ports: { readonly platform?: NodeJS.Platform; readonly start?: Start } = {}) {
  const { platform = process.platform, start: run = start } = ports;
  if (platform === 'darwin') run('open', [url]);
  // What the command line of Windows would take for its own.
  else if (platform === 'win32') run('cmd', ['/c', 'start', '', url.replaceAll(/[&|^<>()%!]/g, '^$&')]);
  else run('xdg-open', [url]);
}
