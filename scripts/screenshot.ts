/**
 * Pictures of a built report, to be looked at: `tsx scripts/screenshot.ts out/demo.html [folder]` writes 1440 and 390 px,
 * each light and dark, and print pages, beside the report unless a folder is given. Needs Chromium (CHROMIUM or /usr/bin/chromium).
 */
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from '../test/support/browser.ts';

const [report, folder = dirname(report ?? '.')] = process.argv.slice(2);
if (report === undefined) throw new Error('screenshot: report is missing, name an HTML file');
mkdirSync(folder, { recursive: true });
const name = (variant: string, extension: string): string => join(folder, `${basename(report, '.html')}-${variant}.${extension}`);

const browser = await launchBrowser();
if (browser === null) throw new Error('screenshot: browser Chromium is not installed');
try {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      await page.goto(pathToFileURL(resolve(report)).href);
      for (const drawing of await page.locator('.drawing').all()) {
        await drawing.scrollIntoViewIfNeeded();
        await drawing.locator('svg').first().waitFor();
      }
      await page.locator('.drawing.live').first().waitFor();
      await page.evaluate('scrollTo(0, 0)');
      await page.waitForTimeout(300);
      await page.screenshot({ path: name(`${width}-${colorScheme}`, 'png'), fullPage: true });
      await page.close();
    }
  }
  const page = await browser.newPage({ viewport: { width: 674, height: 987 } });
  await page.emulateMedia({ media: 'print' });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.screenshot({ path: name('print', 'png'), fullPage: true });
  await page.pdf({ path: name('print', 'pdf'), format: 'A4', preferCSSPageSize: true });
} finally {
  await browser.close();
}
