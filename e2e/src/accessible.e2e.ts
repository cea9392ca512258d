/** X1: no page or state breaks a rule of WCAG 2.2 AA that can be looked at by a program, in either of its colours, wide or narrow. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { type Glass, tour } from './tour/tour.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Between them they have both widths and both colours. */
const TWO: readonly Glass[] = [
  { width: 1440, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

interface Breach {
  readonly rule: string;
  readonly where: string;
  readonly help: string;
}

async function breachesOn(page: Page, source: string): Promise<Breach[]> {
  // What is being moved or faded in has its colours when it stands.
  await page.waitForTimeout(300);
  await page.evaluate(source);
  const found = await page.evaluate(
    (tags) => (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags }),
    RULES,
  );
  // It has looked at something: a page's title and language alone are rules of it.
  expect(found.passes.length).toBeGreaterThan(10);
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => ({
      rule: id,
      where: node.target.join(' '),
      help: `${help}: ${node.failureSummary ?? ''}`,
    })),
  );
}

/** What sticks out of the window at its side, where the page can be moved sideways for it; nothing, where it cannot. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    if (document.documentElement.scrollWidth <= window.innerWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
      .map(({ tagName, className }) => `${tagName.toLowerCase()}.${className}`);
  });

test('every page and state of it holds the rules, and none is wider than its window', async () => {
  const source = await readFile(AXE, 'utf8');
  const found: Record<string, readonly Breach[]> = {};
  const tooWide: Record<string, readonly string[]> = {};
  let seen = 0;
  await tour(TWO, async (page, { name }, { width, scheme }) => {
    const at = `${name} at ${width}, ${scheme}`;
    seen += 1;
    const breaches = await breachesOn(page, source);
    if (breaches.length > 0) found[at] = breaches;
    const out = await sticksOut(page);
    if (out.length > 0) tooWide[at] = out;
  });
  expect(seen).toBeGreaterThan(30);
  expect(found).toEqual({});
  expect(tooWide).toEqual({});
}, 600_000);
