import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is; null where it is not installed. */
export const chromiumPath = (): string | null =>
  [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path !== '' && existsSync(path)) ?? null;

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Starts Chromium without a window and without calls home; null where it is not installed. */
export async function launchBrowser(): Promise<Browser | null> {
  const executablePath = chromiumPath();
  return executablePath === null ? null : chromium.launch({ executablePath, args: FLAGS });
}
