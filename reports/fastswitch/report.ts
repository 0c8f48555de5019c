import { layoutId, linkId, wayId } from '../../src/papers/fastswitch/today-numbers.ts';
import { claim, type ReportDefinition } from '../../src/report/definition.ts';
import { ablationFigure, ablationSection } from './ablation.ts';
import { claimsSection } from './claims.ts';
import { fastswitchContext, fastswitchPaperView, gigabytesPerSecond, id, times, tokens, twice } from './context.ts';
import { figuresSection } from './figures.ts';
import { movesSection } from './moves.ts';
import { openSection } from './open.ts';
import { overheadSection } from './overhead.ts';
import { ratesSection } from './rates.ts';
import { swapOutSection } from './swap-out.ts';
import { todaySection } from './today.ts';

const title = 'What does it cost to preempt a request, and should its cache be swapped at all?';

/** FastSwitch: what a context switch moves, how fast copies are, the tables and figures of the paper, and whether to swap or to recompute today. */
export const fastswitchReport: ReportDefinition = {
  id: 'fastswitch',
  title,
  build: (report) => {
    const context = fastswitchContext(report);
    const { numbers, cells, value } = context;
    const key = (number: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(number, format(value(number))), meaning });
    const slices = linkId('pcie5-x16', 'loop', 'h2d', 'piece/32768/rate');
    const lead = ablationFigure(context);
    const sections = [
      movesSection(context),
      ratesSection(context),
      swapOutSection(context),
      overheadSection(context),
      ablationSection(context),
      figuresSection(context),
      todaySection(context),
      claimsSection(context),
      openSection(context),
    ];
    const keyNumbers = [
      key(layoutId('llama-3.1-8b', '1000/1/calls'), (calls) => `${tokens(calls)} calls`, 'move the cache of a thousand tokens of Llama 3.1 8B, one way'),
      key(
        slices,
        (rate) => `${gigabytesPerSecond(rate)} GB/s`,
        claim('is how fast such pieces come in over PCIe 5.0, which carries more than five times that', value(linkId('pcie5-x16', 'loop', 'h2d', 'rate')) > 5 * value(slices)),
      ),
      key(id('transfer/out/serial/gain'), (gain) => `${twice(gain)} times`, 'as fast are twenty blocks that lie together, copied over PCIe 4.0, as one by one'),
      key(id('text/speedup/llama-8b/markov/p99-ttft:simulated'), (gain) => `${times(gain)} times`, 'shorter P99 to the first token than vLLM: LLaMA-8B, simulated with nothing fitted'),
      key(wayId('llama-3.1-8b', 'h800', 'pcie4-x16', 1, 'calibrated/from'), (from) => `${tokens(from)} tokens`, 'and more are sooner computed again on H800 than swapped block by block'),
    ];
    return {
      id: 'fastswitch',
      title,
      subtitle:
        'Preemption with caches that move to the host and back: slices and calls of a context switch, measured copies, the tables and figures of FastSwitch from formulas and simulated, and when computing a cache again is the faster way today.',
      papers: [fastswitchPaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead,
      sections,
      deviations: cells.deviations(),
      assumptions: [
        { statement: 'LLaMA-8B has the dimensions of Llama 3.1 8B, Qwen-32B those of Qwen1.5 32B, and caches are FP16.', because: 'The paper names neither versions nor formats.' },
        { statement: 'A call takes on any host what it takes on the measured one, and a method reaches on any link the same share of it.', because: 'Only one server was measured.' },
        { statement: 'Keys and values of a layer are apart, a call copies a slice of one block or of a group.', because: 'So does the engine that the paper builds on.' },
        { statement: 'A swap is out and in, one after the other; a recomputed prompt runs alone.', because: 'Other work on link and chip would be another question.' },
        { statement: 'Recomputing reads all experts of a model, and exchanges between chips come on top only with calibrated kernels.', because: 'The data sheet gives a bound.' },
      ],
      ...numbers.views(),
    };
  },
};
