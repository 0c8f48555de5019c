import { procedure } from '../../provenance/card.ts';
import { freeBytesOf } from '../../serving/multimodal/memory.ts';
import { activationRoom } from '../../serving/multimodal/memory-formulas.ts';
import { kept } from '../kept.ts';
import { EPD_MODELS, type EpdModel, tableSettings } from './data/tables.ts';
import { cellsOf, type EpdConstants, type EpdStage, isPrinted, KV_POINTS, type MemoryCell, outcomeOf, requestOf, workerOf } from './memory-model.ts';

/** Memory that may be reserved on every worker, bytes: 0, 0.05, ... 2.5 GB. */
const RESERVED_STEP = 5e7;
const RESERVED_STEPS = 50;

/** Models whose two encoding workers take different bytes a patch: the slope of Table 8 of InternVL2-26B is no constant that its encode batches allow. */
export const TWO_PATCH_CONSTANTS: readonly EpdModel[] = ['internvl2-26b'];

export const memoryFitProcedure = procedure({
  id: 'epd/memory-fit',
  name: 'Fit of the memory of workers to printed cells',
  steps: [
    'take a reserve of 0 to 2.5 GB in steps of 0.05 GB, the same on every worker of a model',
    'each printed cell bounds the bytes of a patch, or of a token, from both sides: the bounds of all cells cut the line into ranges in which every outcome is the same; take the middle of each range',
    'count the cells that are missed: images, batches, OOM and OOCL not equal, shares of KV off by more than 1.5 points',
    'keep the fewest misses; among these the least sum of squared errors of the shares of KV; among these the widest ranges; among these the least reserve',
  ],
  source: { kind: 'derived', from: 'definition' },
});

/** Lower and upper bound; the upper one is not part of it. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * What one cell allows for a limit of one worker, whatever the constants are: patches of a pass (encode, encode-prefill) or tokens of a pass (prefill), KV at 80 %.
 * Null where the cell says nothing of that worker: Table 8, or a limit that context or another worker may have set.
 */
export function limitWindow(cell: MemoryCell, stage: EpdStage): Window | null {
  if (cell.table === 8 || !cell.stages.includes(stage)) return null;
  const { image, textTokens } = requestOf(cell.model, cell.resolution, cell.images);
  const count = cell.printed === 'OOM' ? 0 : Number(cell.printed);
  const needed = (units: number): number => {
    if (stage !== 'prefill') return units * cell.images * image.patches;
    return cell.table === 2 ? units * image.promptTokens + textTokens : units * (cell.images * image.promptTokens + textTokens);
  };
  return { from: count === 0 ? 0 : needed(count), to: needed(count + 1) };
}

/** Middles of the ranges between bounds, by ratio, with the logarithm of their width. */
interface Candidate {
  readonly value: number;
  readonly width: number;
}

function middles(bounds: readonly number[]): readonly Candidate[] {
  const sorted = [...new Set(bounds.filter((bound) => bound > 0 && bound < Number.POSITIVE_INFINITY))].sort((a, b) => a - b);
  return sorted.slice(1).map((upper, at) => ({ value: Math.sqrt(upper * (sorted[at] as number)), width: Math.log(upper / (sorted[at] as number)) }));
}

/** Bytes of a patch (of a token on a prefill worker) at which outcomes of cells on a stage change. */
function boundsOn(stage: EpdStage, cells: readonly MemoryCell[], model: EpdModel, reserved: number): readonly number[] {
  const worker = workerOf(model, stage, { patch: 1, encodePrefillPatch: 1, token: 1, reserved });
  const freeBytes = freeBytesOf(worker);
  const room = activationRoom.evaluate({ freeBytes, kvShare: stage === 'encode' ? 0 : tableSettings.kvShare, reservedBytes: reserved });
  return cells.flatMap((cell) => {
    if (!cell.stages.includes(stage)) return [];
    const window = limitWindow(cell, stage);
    if (window !== null) return [room / window.to, room / window.from];
    const { image, images, textTokens } = requestOf(model, cell.resolution, cell.images);
    const units = stage === 'prefill' ? images * image.promptTokens + textTokens : images * image.patches;
    const shares = typeof cell.printed === 'number' ? [cell.printed - KV_POINTS, cell.printed, cell.printed + KV_POINTS] : [0];
    return shares.map((percent) => ((1 - percent / 100) * freeBytes - reserved) / units);
  });
}

interface Score {
  readonly misses: number;
  readonly squares: number;
  readonly width: number;
}

function scoreOf(cells: readonly MemoryCell[], constants: EpdConstants): Omit<Score, 'width'> {
  let misses = 0;
  let squares = 0;
  for (const cell of cells) {
    const outcome = outcomeOf(cell, constants);
    if (!isPrinted(cell, outcome)) misses++;
    if (cell.table === 8 && outcome.outcome === 'fits' && typeof cell.printed === 'number') squares += (100 * outcome.value - cell.printed) ** 2;
  }
  return { misses, squares };
}

const isBetter = (a: Score, b: Score | null): boolean =>
  b === null || a.misses < b.misses || (a.misses === b.misses && (a.squares < b.squares || (a.squares === b.squares && a.width > b.width + 1e-12)));

const plus = (a: Score, b: Score): Score => ({ misses: a.misses + b.misses, squares: a.squares + b.squares, width: a.width + b.width });

interface Best {
  readonly score: Score;
  readonly value: number;
}

function best(candidates: readonly Candidate[], cells: readonly MemoryCell[], constantsAt: (value: number) => EpdConstants): Best | null {
  let found: Best | null = null;
  for (const { value, width } of candidates) {
    const score = { ...scoreOf(cells, constantsAt(value)), width };
    if (isBetter(score, found?.score ?? null)) found = { score, value };
  }
  return found;
}

/**
 * The constants of a model that the fewest of its cells contradict; see `memoryFitProcedure`.
 * @throws RangeError where the cells bound nothing
 */
export function fitConstants(model: EpdModel, cells: readonly MemoryCell[], { twoPatchConstants }: { readonly twoPatchConstants: boolean }): EpdConstants {
  const on = (stage: EpdStage): readonly MemoryCell[] => cells.filter(({ stages }) => stages.includes(stage));
  const [encoding, together] = [on('encode'), on('encode-prefill')];
  const prefillOnly = on('prefill').filter(({ stages }) => !stages.includes('encode'));
  let found: { readonly score: Score; readonly constants: EpdConstants } | null = null;
  for (let step = 0; step <= RESERVED_STEPS; step++) {
    const reserved = step * RESERVED_STEP;
    const patches = middles(boundsOn('encode', cells, model, reserved));
    const togetherPatches = middles(boundsOn('encode-prefill', cells, model, reserved));
    const shared = middles([...boundsOn('encode', cells, model, reserved), ...boundsOn('encode-prefill', cells, model, reserved)]);
    for (const { value: token, width } of middles(boundsOn('prefill', cells, model, reserved))) {
      const at = (patch: number, encodePrefillPatch = patch): EpdConstants => ({ patch, encodePrefillPatch, token, reserved });
      const tokenScore = { ...scoreOf(prefillOnly, at(1)), width };
      if (found !== null && tokenScore.misses > found.score.misses) continue;
      const encode = twoPatchConstants ? best(patches, encoding, at) : best(shared, [...encoding, ...together], at);
      const own = twoPatchConstants ? best(togetherPatches, together, (patch) => at(1, patch)) : null;
      if (encode === null || (twoPatchConstants && own === null)) continue;
      const score = plus(plus(tokenScore, encode.score), own?.score ?? { misses: 0, squares: 0, width: 0 });
      if (isBetter(score, found?.score ?? null)) found = { score, constants: at(encode.value, own?.value ?? encode.value) };
    }
  }
  if (found === null) throw new RangeError(`epd memory fit: cells ${cells.length} of ${model} bound no constant`);
  return found.constants;
}

const keptFit = kept<EpdConstants>();

/** The constants of a model, fitted to all its cells of Tables 2, 3 and 8. */
export const fittedConstants = (model: EpdModel): EpdConstants => keptFit(model, () => fitConstants(model, cellsOf(model), { twoPatchConstants: TWO_PATCH_CONSTANTS.includes(model) }));

/** How many constants the fits have, all models together: of a patch, of a token, and the reserve; of a patch twice for some. */
export const constantCount: number = 3 * EPD_MODELS.length + TWO_PATCH_CONSTANTS.length;
