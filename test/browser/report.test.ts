import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRuntime } from '../../scripts/build-runtime.mjs';
import { COLOURS } from '../../src/chart/theme.ts';
import { buildReport, loadAssets } from '../../src/report/render.ts';
import { fixture } from '../report/fixture.ts';
import { chromiumPath, launchBrowser } from '../support/browser.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const missing = chromiumPath() === null;
const rgb = (hex: string): string => `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;

describe.skipIf(missing)(`report page in a browser${missing ? ' (skipped: Chromium is not installed)' : ''}`, () => {
  let folder: string;
  let file: string;
  let browser: Browser;
  const heard: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const { text } = await buildRuntime();
    const assets = await loadAssets((path) => (path.startsWith('dist/') ? Promise.resolve(text) : readFile(join(ROOT, path), 'utf8')));
    folder = await mkdtemp(join(tmpdir(), 'report-'));
    file = join(folder, 'demo.html');
    await writeFile(file, await buildReport(fixture, assets));
    browser = (await launchBrowser()) as Browser;
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  async function openLive(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await open(options);
    for (const drawing of await page.locator('.drawing').all()) {
      await drawing.scrollIntoViewIfNeeded();
      await drawing.locator('> div > svg').waitFor();
    }
    return page;
  }

  const background = (page: Page): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');

  it('shows every chart and says nothing to the console', async () => {
    const page = await openLive();
    expect(await page.locator('.drawing.live').count()).toBe(2);
    expect(await page.locator('.drawing.still').count()).toBe(0);
    expect(await page.locator('.drawing svg[role=img][aria-label]').count()).toBe(2);
    await page.close();
  });

  it.each([390, 768, 1440])('does not scroll sideways at %i px', async (width) => {
    const page = await openLive({ viewport: { width, height: 844 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.close();
  });

  it('names the value below the pointer', async () => {
    const page = await openLive();
    await page.locator('#figure-1 .drawing').scrollIntoViewIfNeeded();
    const box = await page.locator('#figure-1 .drawing').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 240, (box?.y ?? 0) + 200, { steps: 3 });
    const tooltip = page.locator('#chart-tooltip.visible');
    await tooltip.waitFor();
    expect(await tooltip.innerText()).toMatch(/Model[\s\S]*Context, tokens[\s\S]*USD \/ 1M tokens/);
    await page.close();
  });

  it('opens a number, its inputs one after the other, and closes', async () => {
    const page = await open();
    const panel = page.locator('#number-panel');
    await page.locator('.takeaway .number').last().click();
    expect(await panel.locator('h2').innerText()).toBe('Attention of DeepSeek-V3 on H20 at 8K, per 1M tokens');
    expect(await panel.locator('.substituted').innerText()).toMatch(/^= 10⁶ × \(max\(1\.47×10¹¹ × .* = 0\.127 USD$/);
    expect(await panel.locator('.inputs > div').count()).toBe(5);
    await panel.getByRole('link', { name: '7.51×10⁻¹⁹' }).click();
    expect(await panel.locator('h2').innerText()).toBe('Cost of one FLOP on H20');
    await panel.getByRole('link', { name: '2.96×10¹⁴' }).click();
    expect(await panel.innerText()).toContain('Table 4, row "NVIDIA H20"');
    await panel.getByRole('button', { name: 'Back' }).click();
    expect(await panel.locator('h2').innerText()).toBe('Cost of one FLOP on H20');
    await page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
    await page.close();
  });

  it('opens a sum and copies its citation, or selects it where copying is not allowed', async () => {
    const page = await open();
    await page.locator('#table-6 tbody tr:first-child td:last-child .number').click();
    const panel = page.locator('#number-panel');
    expect(await panel.locator('.substituted').innerText()).toBe('= 0.040 + 0.040 = 0.080 USD');
    await panel.getByRole('button', { name: 'Copy citation' }).click();
    await page.waitForFunction(`document.querySelector('.copied').textContent !== ''`);
    expect(await panel.locator('.citation').innerText()).toBe(
      'Attention and FFN of Step-3 on H20 at 8K, per 1M tokens: 0.080 USD (demo/table-6/step-3/h20/total-8k@paper). In: What does a decoded token cost at 8K, and on which chip? Tokenroof 0.1.0.',
    );
    await page.close();
  });

  it('follows the system into the dark, the toggle out of it, and prints light', async () => {
    const page = await open({ colorScheme: 'dark' });
    expect(await background(page)).toBe(rgb(COLOURS.page.dark));
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await background(page)).toBe(rgb(COLOURS.page.light));
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Light' }).click();
    expect(await background(page)).toBe(rgb(COLOURS.page.light));
    await page.close();
  });

  it('marks the section that is read in the contents, and folds them on a phone', async () => {
    const page = await open({ viewport: { width: 1440, height: 900 } });
    await page.locator('#table-6 h2').scrollIntoViewIfNeeded();
    await page.evaluate(`document.getElementById('table-6').scrollIntoView({ behavior: 'instant' })`);
    await page.locator('.contents a[aria-current][href="#table-6"]').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForFunction(`!document.querySelector('.contents details').open`);
    await page.close();
  });

  it('is complete without JavaScript: charts are drawn, a number leads to its derivation', async () => {
    const page = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    expect(await page.locator('.drawing > svg').count()).toBe(2);
    expect(await page.locator('.theme-toggle').isVisible()).toBe(false);
    await page.locator('.takeaway .number').last().click();
    expect(page.url()).toContain('#demo/table-6/deepseek-v3/h20/attention-8k');
    expect(await page.locator('[id="demo/table-6/deepseek-v3/h20/attention-8k"]').innerText()).toMatch(/0\.127 USD derived by formula core = 1\.47×10¹¹ kv = .* weakest input assumed/);
    await page.close();
  });

  it('asked for nothing but itself and never complained', () => {
    expect(asked.filter((url) => url.split('#')[0] !== pathToFileURL(file).href && url !== 'data:,')).toEqual([]);
    expect(heard).toEqual([]);
  });
});
