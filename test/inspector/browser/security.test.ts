import { expect, it } from 'vitest';
import { BackendError } from '../../../src/index.ts';
import { expectNoMisdeeds, live, openStage, withBrowser } from './stage.ts';

withBrowser();

const HOSTILE = '<img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=1</script>';
const KEY = 'an-admin-key-of-some-length';

it('shows what others have named as text, in every view', async () => {
  await using stage = await openStage({ includeContent: true });
  const { page, rig, pass } = stage;
  rig.router.addModel('c', { provider: 'openai', apiKey: 'unused', model: HOSTILE });
  rig.router.addRoute({ metadata: { path: HOSTILE } }, { targets: ['a'] });
  await live(stage);
  rig.ask({ tenant: HOSTILE, model: 'a' }, HOSTILE);
  await pass();
  rig.backends.a.last.succeed({ content: HOSTILE });
  rig.ask({ tenant: HOSTILE, model: 'b' }, HOSTILE);
  await pass();
  rig.backends.b.last.fail(new BackendError(HOSTILE, { code: HOSTILE, status: 500 }));
  await pass(2_000);

  let isShown = false;
  const views = ['#/fleet/model:c', `#/fleet/${encodeURIComponent(HOSTILE)}`, `#/chart/${encodeURIComponent(HOSTILE)}`];
  for (const view of [...views, '#/timeline', '#/requests', '#/requests/req-1', '#/requests/req-2']) {
    await stage.go(view);
    await pass();
    await page.waitForTimeout(100);
    const made = await page.evaluate(() => ({
      pwned: 'pwned' in globalThis,
      elements: document.querySelectorAll('#page img, #page script').length,
      text: document.body.textContent,
    }));
    expect({ view, ...made, text: undefined }).toEqual({ view, pwned: false, elements: 0, text: undefined });
    isShown ||= made.text!.includes('<img src=x');
  }
  expect(isShown).toBe(true);
  expectNoMisdeeds(stage);
});

it('asks for the admin key, trades it for a cookie that no script can read, and keeps it nowhere', async () => {
  await using stage = await openStage({ adminKey: KEY });
  const { page } = stage;
  await page.getByLabel('Admin key').fill('a wrong one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('given a wrong one');

  await page.getByLabel('Admin key').fill(KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await live(stage);

  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/inspector' });
  expect(cookie!.value).not.toContain(KEY);
  const kept = await page.evaluate(
    () => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }) + location,
  );
  expect(kept).not.toContain(KEY);
  expect(stage.misdeeds.foreign).toEqual([]);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(() => page.getByLabel('Admin key').count()).toBe(1);
});
