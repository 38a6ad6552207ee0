import { expect, it } from 'vitest';
import { openBrowser } from '../../src/server/open-browser.ts';

const URL = 'http://127.0.0.1:8000/inspector/';

it.each([
  ['linux', ['xdg-open', URL]],
  ['freebsd', ['xdg-open', URL]],
  ['darwin', ['open', URL]],
  ['win32', ['cmd', '/c', 'start', '', URL]],
] as const)('shows an address on %s', (platform, command) => {
  const started: string[][] = [];
  openBrowser(URL, { platform, start: (name, args) => started.push([name, ...args]) });
  expect(started).toEqual([command]);
});

it('lets no address give commands to the command line of Windows', () => {
  const started: string[][] = [];
  openBrowser('http://h/a&calc|x%PATH%', { platform: 'win32', start: (_, args) => started.push([...args]) });
  expect(started[0]!.at(-1)).toBe('http://h/a^&calc^|x^%PATH^%');
});

it('does not fail where there is no browser', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = '';
  try {
    openBrowser(URL, { platform: 'linux' });
    // The error of a program that is not there comes a moment later, and would be nobody's.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  } finally {
    process.env['PATH'] = PATH;
  }
});
