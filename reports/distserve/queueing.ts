import { type LatencyRow, latencyOverRate } from '../../src/chart/index.ts';
import { figure4 } from '../../src/papers/distserve/data/figure4.ts';
import { claim } from '../../src/report/definition.ts';
import type { SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, whole } from './context.ts';

const PANELS = { a: '(a) called measured', b: '(b) computed' } as const;
const nameOf = (curve: string): string => (curve === 'inter-op' ? 'Two stages' : `Shared, K = ${curve.slice('intra-op-'.length)}`);

/** Figure 4: mean times to the first token are formulas. */
export function queueingSection({ cells, numbers, peek, slot }: DistserveContext): SectionView {
  const rows = (['a', 'b'] as const).flatMap((panel) =>
    Object.entries(figure4[panel]).flatMap(([curve, { x, y }]) =>
      x.map((rate, at): LatencyRow => {
        const number = id(`figure-4/${panel}/${curve}/${rate}`);
        return { panel: PANELS[panel], series: curve, name: nameOf(curve), rate, seconds: peek(number), reference: y[at] as number, number: numbers.reference(number) };
      }),
    ),
  );
  const all = cells.count('deviation', 'figure-4') === 0 && cells.count('open', 'figure-4') === 0;
  const at = (curve: string, rate: number): string => id(`figure-4/b/${curve}/${rate}`);
  const crosses = peek(at('intra-op-1.5', 1)) < peek(at('inter-op', 1)) && peek(at('intra-op-1.5', 3.5)) > peek(at('inter-op', 3.5));
  return {
    anchor: 'figure-4',
    label: 'Figure 4',
    heading: 'Queueing: what a formula already says',
    takeaway: claim(
      'Every point of Figure 4, the panel that is called measured included, lies on the formulas of the paper: sharing every operator answers sooner at low rates, splitting into stages at high ones.',
      all && crosses,
    ),
    blocks: [
      { kind: 'formula', formula: 'distserve/ttft-inter-op', number: numbers.reference(at('inter-op', 2)) },
      { kind: 'formula', formula: 'distserve/ttft-intra-op', number: numbers.reference(at('intra-op-1.7', 2)) },
      {
        kind: 'figure',
        anchor: 'figure-4',
        label: 'Figure 4',
        chart: latencyOverRate(rows, {
          id: 'figure-4',
          title: claim('The points of the paper lie on the formulas', all),
          description: 'Mean time to the first token of OPT-66B on two GPUs against the rate, by parallelism and speed-up: formulas as lines, points of the paper hollow.',
          xTitle: 'Requests per second and GPU',
          valueName: 'Formula',
          referenceName: 'Read from Figure 4',
          allSeries: Object.keys(figure4.b),
          sameScale: true,
        }),
        note: `One GPU takes ${slot(id('input/prefill-time'), (seconds) => `${whole(1e3 * seconds)} ms`)} for a prompt, and two share the load. The axis is labelled as the rate; every curve follows the formulas at twice of it, so it is the rate of one GPU.`,
        source: 'Equations of section 3.1 of the paper; points read from its figure.',
      },
    ],
  };
}
