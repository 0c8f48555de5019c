import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reports } from '../../reports/index.ts';
import { buildReports } from '../../src/report/index.ts';
import { chromiumPath, launchBrowser } from '../support/browser.ts';

const MOST_BYTES = 1_500_000;

const folder = mkdtempSync(join(tmpdir(), 'tokenroof-reports-'));
const fileOf = (id: string): string => join(folder, `${id}.html`);
let browser: Browser | null = null;

beforeAll(async () => {
  await buildReports(reports, folder, { version: '0.0.0' });
  browser = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

describe.each(reports.map(({ id }) => id))('report %s as a page', (id) => {
  it(`is one file under ${MOST_BYTES} bytes that names no other file`, () => {
    expect(statSync(fileOf(id)).size).toBeLessThan(MOST_BYTES);
    const page = readFileSync(fileOf(id), 'utf8');
    const markup = page.replace(/<script[\s\S]*?<\/script>/g, '<script></script>');
    expect(/<link(?![^>]+href="data:)[^>]*>|<script [^>]*src=|<img[^>]+src="(?!data:)[^>]*>/.exec(markup)?.[0] ?? null).toBeNull();
  });

  it.skipIf(chromiumPath() === null).each([
    [1440, 'light'],
    [390, 'dark'],
  ] as const)(
    'opens from disk at %i px, %s, without message, request or horizontal scroll (skipped without Chromium)',
    async (width, colorScheme) => {
      const page = await (browser as Browser).newPage({ viewport: { width, height: 900 }, colorScheme });
      const seen: string[] = [];
      page.on('console', (message) => seen.push(message.text()));
      page.on('pageerror', (error) => seen.push(error.message));
      page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && request.url() !== pathToFileURL(fileOf(id)).href) seen.push(request.url());
      });
      await page.goto(pathToFileURL(fileOf(id)).href);
      for (const drawing of await page.locator('.drawing').all()) {
        await drawing.scrollIntoViewIfNeeded();
        await drawing.locator('svg').first().waitFor();
      }
      await page.waitForTimeout(300);
      expect(seen).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.close();
    },
    60_000,
  );
});
