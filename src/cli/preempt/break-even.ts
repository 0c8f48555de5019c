import type { Accelerator } from '../../accelerators/index.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/index.ts';
import { type BreakEvenOptions, type BreakEvenRun, breakEven, calibratedBreakEven } from '../../serving/preemption/break-even.ts';
import { chipsThatHold } from '../../serving/preemption/chips.ts';
import { cacheLayout } from '../../serving/preemption/layout.ts';
import { evaluate } from '../../units/context-expression.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { type Catalogue, pick, pickModels } from '../catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import type { Printout } from '../output/print.ts';
import { beyond, type CatalogueOptions, type CopyOptions, checkLinked, commonNotes, copiesOf, linksOf, PLACE, policyOf, told } from './options.ts';

export interface BreakEvenCommandOptions extends CatalogueOptions, CopyOptions {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly links?: readonly string[];
  readonly groups?: readonly number[];
  readonly contexts?: readonly number[];
  readonly tp?: number;
  readonly weights: 'alone' | 'shared';
  readonly to: number;
}

/** Which way back is the faster one, for a model on a chip over a link. */
export interface BreakEvenRow {
  readonly model: string;
  readonly accelerator: string;
  readonly chips: number;
  readonly link: string;
  readonly groupBlocks: number;
  /** data-sheet rates: exact changes, and those of the means over a block */
  readonly exact: readonly BreakEvenRun[];
  readonly trend: readonly BreakEvenRun[];
  /** calibrated kernels, against the means over a block */
  readonly calibrated: readonly BreakEvenRun[];
  readonly at: readonly { readonly context: number; readonly swapSeconds: number; readonly recomputeSeconds: number; readonly calibratedRecomputeSeconds: number }[];
  readonly notes: readonly string[];
}

/** Models whose caches and work differ most: grouped heads, many heads, experts, latents, one head. */
const DEFAULT_MODELS = ['llama-3.1-8b', 'llama-2-7b', 'qwen3-30b-a3b', 'deepseek-v3', 'step-3'];
const DEFAULT_CHIPS = ['h800', 'h20', 'a800'];
const DEFAULT_CONTEXTS = [1024, 8192, 32_768];

/** Swap or recompute, over the context length. @param progressOf of a number of steps */
export function comparedWays(options: BreakEvenCommandOptions, catalogue: Catalogue, progressOf: (steps: number) => (what: string) => void = () => () => undefined): Printout {
  const { groups = [1], contexts = DEFAULT_CONTEXTS, layout: kind, blockTokens, weights, to, bandwidth } = options;
  const links = linksOf(options.links);
  const chips: readonly Accelerator[] = pick(PLACE, 'accelerators', catalogue.accelerators, options.accelerators ?? DEFAULT_CHIPS);
  const models = pickModels(PLACE, catalogue, options.models, DEFAULT_MODELS);
  const step = progressOf(models.length * chips.length * links.length);
  const rows = models.flatMap((model) => {
    const precision = policyOf(model, options.precision);
    return chips.flatMap((chip) => {
      const { tensorParallel, note } = chipsOf(model, chip, precision, options.tp);
      const layout = told(() => cacheLayout(model, { kind, blockTokens, tensorParallel, precision }));
      return links.flatMap((id) => {
        const copies = told(() => copiesOf(id, options));
        step(`${model.id} on ${chip.id} over ${id}`);
        return groups.map((groupBlocks): BreakEvenRow => {
          const ways: BreakEvenOptions = { layout, link: copies, groupBlocks, precision, tensorParallel, weights };
          const { runs, trend, swap, recompute } = told(() => breakEven(model, chip, ways, 1, to));
          const expected = told(() => calibratedBreakEven(model, chip, ways, 1, to));
          return {
            model: model.id,
            accelerator: chip.id,
            chips: tensorParallel,
            link: id,
            groupBlocks,
            exact: runs,
            trend,
            calibrated: expected.runs,
            at: contexts.map((context) => ({
              context,
              swapSeconds: evaluate(swap, context),
              recomputeSeconds: evaluate(recompute, context),
              calibratedRecomputeSeconds: expected.recompute(context),
            })),
            notes: [...commonNotes(catalogue, model, precision, copies, bandwidth), ...note, ...beyond(model, Math.max(to, ...contexts))],
          };
        });
      });
    });
  });
  const flat = rows.flatMap(({ at, exact: _, trend, calibrated, notes, ...row }) =>
    at.map((point) => ({ ...row, ...point, trend: runsText(trend), calibrated: runsText(calibrated), notes: notes.join('; ') })),
  );
  return { json: rows, rows: flat, tables: [tableOf(rows)] };
}

/** The chips that are asked for, or as few as hold the model; a note where they do not. */
function chipsOf(model: Model, chip: Accelerator, precision: PrecisionPolicy, asked: number | undefined): { readonly tensorParallel: number; readonly note: readonly string[] } {
  if (asked !== undefined) checkLinked(chip, asked);
  const least = chipsThatHold(model, chip, precision);
  const tensorParallel = asked ?? least.tensorParallel;
  return { tensorParallel, note: least.fits && tensorParallel >= least.tensorParallel ? [] : [`${model.id} does not fit ${tensorParallel} x ${chip.id}: shown as if it did`] };
}

/** `swap to 294, recompute to 20352, swap` */
export const runsText = (runs: readonly BreakEvenRun[]): string => runs.map(({ faster, to }, at) => (at === runs.length - 1 ? faster : `${faster} to ${to}`)).join(', ');

function tableOf(rows: readonly BreakEvenRow[]): Printout['tables'][number] {
  const number = true;
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const contexts = rows[0]?.at.map(({ context }) => context) ?? [];
  return {
    title: 'Swap or recompute: which way back is faster, by context',
    columns: [
      { header: 'model' },
      { header: 'chip' },
      { header: 'link' },
      { header: 'group', number },
      { header: 'at data-sheet rates' },
      { header: 'with calibrated kernels' },
      ...contexts.flatMap((context) => [
        { header: 'swap', number, group: `${contextLabel(context)}, ms` },
        { header: 'recompute', number, group: `${contextLabel(context)}, ms` },
      ]),
      { header: 'notes' },
    ],
    rows: rows.map((row, at) => [
      row.model,
      row.chips === 1 ? row.accelerator : `${row.chips} x ${row.accelerator}`,
      row.link,
      String(row.groupBlocks),
      runsText(row.trend),
      runsText(row.calibrated),
      ...row.at.flatMap(({ swapSeconds, calibratedRecomputeSeconds }) => [significant(1e3 * swapSeconds, 3), significant(1e3 * calibratedRecomputeSeconds, 3)]),
      marks[at] ?? '',
    ]),
    notes: ['swap: the cache goes out and comes back; recompute: calibrated time of the prompt alone; changes by the means over a block (exact ones: --format json)', ...lines],
  };
}
