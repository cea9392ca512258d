/** Who signs in: the first owner by the link of the start, and a host whom they invite. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { System } from './lib/system.ts';

const PASSWORD = 'correct horse battery';

let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** A page of its own browser, as of somebody at their own machine. */
async function someone(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ locale: 'en-GB' });
  return { context, page: await context.newPage() };
}

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto(`${system.addresses.console}/signin`);
  await page.getByLabel('Mail address').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a stranger opens the link, makes the owner’s account, signs out and in, and invites a host, who sees only theirs', async () => {
  const { page: owner } = await someone();
  const setup = system.addresses.owner.replace('/#', '/setup#');
  await owner.goto(setup);
  await owner.getByLabel('Your name').fill('Olga');
  await owner.getByLabel('Mail address').fill('olga@example.org');
  await owner.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await owner.getByRole('button', { name: 'Make the account' }).click();
  await owner.getByRole('button', { name: 'Olga' }).waitFor();

  // The link opens nothing any more: not the form, and not the webinars.
  const { page: stranger } = await someone();
  await stranger.goto(setup);
  await stranger.getByLabel('Your name').fill('Eve');
  await stranger.getByLabel('Mail address').fill('eve@example.org');
  await stranger.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await stranger.getByRole('button', { name: 'Make the account' }).click();
  await stranger.getByText('This link was used already.').waitFor();
  await expect(system.api.createWebinar({ title: 'By the link' })).rejects.toMatchObject({ status: 401 });

  await owner.getByRole('button', { name: 'Olga' }).click();
  await owner.getByRole('menuitem', { name: 'Sign out' }).click();
  await owner.waitForURL('**/signin');
  await signIn(owner, 'olga@example.org', 'something else');
  await owner.getByText('Address or password is wrong.').waitFor();
  await signIn(owner, 'OLGA@example.org');
  await owner.getByRole('heading', { name: 'Webinars' }).waitFor();
  const made = await owner.evaluate(async () => {
    const body = JSON.stringify({ title: 'The owner’s' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/webinars', { method: 'POST', headers, body })).status;
  });
  expect(made).toBe(201);
  await owner.getByRole('article', { name: 'The owner’s' }).waitFor();

  await owner.goto(`${system.addresses.console}/members`);
  await owner.getByLabel('Mail address').fill('hans@example.org');
  await owner.getByRole('button', { name: 'Invite' }).click();
  const link = await owner.locator('input[readonly]').last().inputValue();
  expect(link).toContain('/invitation#t=');

  const { page: host } = await someone();
  await host.goto(link);
  await host.getByText('Olga invited hans@example.org as Host.').waitFor();
  await host.getByLabel('Your name').fill('Hans');
  await host.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await host.getByRole('button', { name: 'Make the account' }).click();
  await host.getByRole('button', { name: 'Hans' }).waitFor();
  await host.evaluate(async () => {
    const body = JSON.stringify({ title: 'The host’s' });
    const headers = { 'content-type': 'application/json' };
    await fetch('/api/webinars', { method: 'POST', headers, body });
  });
  const own = host.getByRole('article', { name: 'The host’s' });
  await own.waitFor();
  expect(await host.getByRole('article').count()).toBe(1);

  // They are let into the control room of theirs by the session alone, and into no members.
  await own.getByRole('button', { name: 'Open control room' }).click();
  await host.waitForURL('**/control#t=session.*');
  await host.getByRole('button', { name: 'Go live' }).waitFor();
  await host.goto(`${system.addresses.console}/members`);
  await host.getByText('not allowed', { exact: false }).or(host.getByRole('heading')).first().waitFor();
  expect(await host.getByRole('button', { name: 'Invite' }).count()).toBe(0);

  // Removed, they are out of it.
  await owner.reload();
  await owner.getByRole('button', { name: 'Remove Hans' }).click();
  await owner.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await owner.getByText('member.removed').waitFor();
  await host.goto(system.addresses.console);
  await host.waitForURL('**/signin**');
});
