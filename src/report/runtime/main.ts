/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { drawCharts } from './charts.ts';
import { followContents } from './contents.ts';
import { openNumbers } from './panel.ts';
import { toggleTheme } from './theme-toggle.ts';
import { unpack } from './unpack.ts';

// The page is complete without this script: it makes charts interactive, opens a number where it stands, marks the place in
// the contents and switches between light and dark.
toggleTheme();
followContents();
unpack(document.getElementById('page-data')?.textContent ?? '').then(
  ({ derivations, charts }) => {
    openNumbers(new Map(derivations.map((derivation) => [derivation.id, derivation])));
    drawCharts(charts);
  },
  () => document.body.classList.add('still'),
);
