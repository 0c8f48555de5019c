import { describe, expect, it } from 'vitest';
import { cacheCurves, kvCurves } from '../../src/chart/kv-curves.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, curveRows } from './fixtures.ts';
import { chartLaws, texts, vertices } from './laws.ts';

const rows = curveRows('h20').map(({ printed: _, ...row }) => (row.context === 8192 && row.model === 'step-3' ? { ...row, printed: '2.56e8' } : row));

chartLaws('kvCurves', (given) => kvCurves(given, CAPTION), rows);

chartLaws(
  'cacheCurves',
  (given) => cacheCurves(given, CAPTION),
  rows.map(({ kvBytesRead, ...row }) => ({ ...row, bytesPerRequest: kvBytesRead })),
);

describe('kvCurves', () => {
  it('draws each line through every row', async () => {
    const svg = await renderSvg(kvCurves(rows, CAPTION), 'css');
    expect(vertices(svg, 'var(--model-step-3)')).toBe(rows.filter(({ model }) => model === 'step-3').length + 1);
  });

  it('labels bytes in SI', async () => {
    expect(texts(await renderSvg(kvCurves(rows, CAPTION), 'light')).filter((text) => /B$/.test(text) && /^\d/.test(text))).toEqual([
      '30 MB',
      '100 MB',
      '300 MB',
      '1 GB',
      '3 GB',
      '10 GB',
      '30 GB',
      '100 GB',
    ]);
  });
});
