import type { Paper } from '../paper.ts';
import { extrapolationCells, extrapolationDeviations } from './extrapolations.ts';
import { figureCells } from './figures.ts';
import { step3Resolver } from './resolver.ts';
import { tableCells } from './tables.ts';
import { textCells } from './text.ts';
import { weakHardwareCells, weakHardwareDeviations } from './weak-hardware.ts';

/** Step-3 is Large yet Affordable: Model-system Co-design for Cost-effective Decoding, arXiv:2507.19427v1 (25 July 2025). */
export const step3Paper: Paper = {
  id: 'step3',
  title: 'Step-3 is Large yet Affordable: Model-system Co-design for Cost-effective Decoding',
  reference: 'arXiv:2507.19427v1',
  url: 'https://arxiv.org/abs/2507.19427v1',
  cells: [...tableCells, ...figureCells, ...textCells, ...weakHardwareCells, ...extrapolationCells],
  resolver: step3Resolver,
  deviations: [
    { cell: 'step3/table-5/h800/usd-per-flop', because: 'unexplained; the price over 3600 s over the peak of Table 4 rounds up, and every other cell of the table is rounded normally' },
    {
      cell: 'step3/figure-3/llama-4-maverick/cost-128k',
      because: "the plotted value lies below the paper's own formula, which gives this value from the same KV bytes that the figure's other half plots; it looks like a slip of one digit",
    },
    { cell: 'step3/figure-4/pangu-pro-moe/decode-8k', because: 'the plotted value is the sum of the two rounded cells of Table 6' },
    { cell: 'step3/figure-4/step-3/decode-8k', because: 'the plotted value is the sum of the two rounded cells of Table 6' },
    { cell: 'step3/text/stage-time', because: 'a third of 50 ms is truncated, not rounded; the text goes on with the truncated value' },
    ...weakHardwareDeviations,
    ...extrapolationDeviations,
  ],
  open: [],
};
