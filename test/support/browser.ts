import { type Browser, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

/** The Chromium that is installed; scripts/test-tools.mjs sees to it. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });

/** What a page did that no page of ours may do. */
export interface Misdeeds {
  /** Errors and warnings of its console, and what it threw. */
  readonly complaints: string[];
  /** Requests to any other host. */
  readonly foreign: string[];
}

/** Writes down what a page does wrong from now on. */
export function watchPage(page: Page, origin: string): Misdeeds {
  const misdeeds: Misdeeds = { complaints: [], foreign: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) misdeeds.complaints.push(message.text());
  });
  page.on('pageerror', (error) => misdeeds.complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:')) misdeeds.foreign.push(url);
  });
  return misdeeds;
}
