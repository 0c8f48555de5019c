import { spawnSync } from 'node:child_process';
import { Bench } from 'tinybench';
import { type Accelerator, accelerator } from '../src/accelerators/index.ts';
import { type CompiledModel, compile } from '../src/cost/compile.ts';
import { costAt } from '../src/cost/evaluate.ts';
import { costRows } from '../src/cost/row.ts';
import { type UnitCosts, unitCosts } from '../src/cost/unit-cost.ts';
import { exactCounting as counting } from '../src/layers/counting.ts';
import { importConfig } from '../src/models/huggingface/index.ts';
import { modelEntries, modelOf, validateModel } from '../src/models/index.ts';
import { bestColocated } from '../src/serving/afd/colocated.ts';
import { oneContext } from '../src/serving/afd/contexts.ts';
import { type AfdPlanner, afdPlanner } from '../src/serving/afd/plan.ts';
import { afdDefaults } from '../src/serving/afd/scenario.ts';
import { searchAfd } from '../src/serving/afd/search.ts';
import { splitModel } from '../src/serving/afd/split-model.ts';
import { costColumns, emptyColumns } from '../src/sweep/columns.ts';
import { singleChip } from '../src/timing/deployment.ts';
import { passTime } from '../src/timing/pass-time.ts';
import type { ContextCurve } from '../src/units/context-curve.ts';
import { type HandCore, type HandModel, handWritten } from './hand-written.ts';
import { median, milliseconds, sci } from './measure.ts';

const ROUNDS = 5;
/** whole-model evaluations per second of LLM-Viewer, the fastest Python tool of this kind, measured apart from this run */
const PYTHON_PEER = 1.6e4;
/** whole-model time estimates per second of InferSim in process, without intervals, measured apart from this run */
const PYTHON_TIME_PEER = 1.25e3;

/** Step-3, DeepSeek-V3 and Qwen3-235B on 25 pairs of chips at three contexts, by a process that has just started; then each chip colocated. */
const SEARCHED = { models: ['step-3', 'deepseek-v3', 'qwen3-235b-a22b'], chips: ['h800', 'h20', 'a800', 'ascend-910b', 'l20'], contexts: [4096, 8192, 32_768], tpot: 0.05 } as const;
const coldSearch = milliseconds(() => planned(search));
const coldColocated = milliseconds(() => planned(colocated));

const models = modelEntries.filter(({ paperName }) => paperName !== null).map(({ model }) => structuredClone(model));
const chips = ['h800', 'h20', 'a800', 'ascend-910b'].map((id) => accelerator(id).accelerator);
const compiled = models.map((model) => compile(model, { counting }));
const pairs = compiled.flatMap((model) => chips.map((chip) => ({ model, costs: unitCosts(chip, model.precision.math) })));
const byHand = pairs.map(({ model, costs }) => handModel(model, costs));
const contexts = Float64Array.from({ length: 100_000 }, (_, i) => 1 + Math.floor(i * 10.48));
const ours = emptyColumns(contexts.length);
const hand = emptyColumns(contexts.length);

const configText = largeConfig(1_000_000);

let turn = 0;
const nextChip = () => chips[turn++ % chips.length] as (typeof chips)[number];
const CASES = {
  row: () => {
    const chip = nextChip();
    for (const model of models) costRows([validateModel(model)], [chip], { counting, phase: 'decode', contexts: [8192 + turn] });
  },
  point: () => {
    const chip = { ...nextChip() };
    for (let i = 0; i < 100; i++) for (const model of compiled) costAt(model, unitCosts(chip, model.precision.math), 8192 + turn + i);
  },
  columns: () => {
    for (const { model, costs } of pairs) costColumns(model, costs, contexts, ours);
  },
  loops: () => {
    for (const model of byHand) handWritten(model, contexts, hand);
  },
  config: () => {
    importConfig(JSON.parse(configText));
  },
  parsing: () => {
    JSON.parse(configText);
  },
  pass: () => {
    const chip = nextChip();
    for (const model of models) passTime(model, chip, { phase: 'decode', batch: 64, context: 8192 + turn }, { deployment: singleChip });
  },
};
type Case = keyof typeof CASES;

const rounds: Readonly<Record<Case, number>>[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push(await medians(round === 0 ? 500 : 100));
const rate = (name: Case, work: number): number => (1e3 * work) / median(rounds.map((ms) => ms[name]));
const points = pairs.length * contexts.length;
const row = rate('row', models.length);
const point = rate('point', 100 * models.length);
const pass = rate('pass', models.length);
const timeRatio = median(rounds.map((ms) => ms.columns / ms.loops));
const parsingRatio = median(rounds.map((ms) => ms.config / ms.parsing));
const searched = median(Array.from({ length: ROUNDS }, () => milliseconds(() => planned(search))));
const numpy = numpyMilliseconds();

print([
  ['case', 'rate', 'baseline', 'ratio', 'aim', 'met'],
  ['(a) plain model to cost row, nothing cached', `${sci(row)} models/s`, `${sci(PYTHON_PEER)} LLM-Viewer`, `${(row / PYTHON_PEER).toFixed(1)} x faster`, '5.0e+4 models/s', row >= 5e4 ? 'yes' : 'no'],
  ['(b) compiled model, new chip, price and context', `${sci(point)} points/s`, `${sci(row)} case (a)`, `${(point / row).toFixed(1)} x faster`, '1.0e+6 points/s', point >= 1e6 ? 'yes' : 'no'],
  [
    '(c) columns, 9 models x 4 chips x 100,000',
    `${sci(rate('columns', points))} points/s`,
    `${sci(rate('loops', points))} hand-written`,
    `${timeRatio.toFixed(2)} of its time`,
    'at most 1.00',
    timeRatio <= 1 ? 'yes' : 'no',
  ],
  numpy === null
    ? ['    the same in numpy', 'numpy: not installed, skipped', '', '', '', '']
    : ['    the same in numpy', '', `${sci((1e3 * points) / numpy)} numpy`, `${(median(rounds.map((ms) => ms.columns)) / numpy).toFixed(2)} of its time`, '', ''],
  [
    '(d) a config of 1 MB, parsed and imported',
    `${sci(rate('config', 1))} configs/s`,
    `${sci(rate('parsing', 1))} JSON.parse`,
    `${parsingRatio.toFixed(2)} of its time`,
    'at most 50 ms',
    rate('config', 1) >= 20 ? 'yes' : 'no',
  ],
  [
    '(e) expected time of a decode step, no interval',
    `${sci(pass)} steps/s`,
    `${sci(PYTHON_TIME_PEER)} InferSim`,
    `${(pass / PYTHON_TIME_PEER).toFixed(1)} x its rate`,
    '1.3e+3 steps/s',
    pass >= 1.25e3 ? 'yes' : 'no',
  ],
  [
    '(f) disaggregated plans, 3 models x 3 contexts x 25 pairs of chips',
    `${(coldSearch / 1e3).toFixed(2)} s first`,
    `${(searched / 1e3).toFixed(2)} s again`,
    `${(coldSearch / searched).toFixed(1)} x as long first`,
    'at most 2 s',
    coldSearch <= 2000 ? 'yes' : 'no',
  ],
  ['    the same colocated, 5 chips', `${(coldColocated / 1e3).toFixed(2)} s first`, '', '', '', ''],
]);

function search(planner: AfdPlanner, chips: readonly Accelerator[]): void {
  searchAfd(planner, { attentionChips: chips, ffnChips: chips, tpot: SEARCHED.tpot, objective: 'cost', maxInstances: 8 });
}

function colocated({ split, scenario }: AfdPlanner, chips: readonly Accelerator[]): void {
  for (const chip of chips) bestColocated(split, scenario, chip, SEARCHED.tpot);
}

function planned(work: (planner: AfdPlanner, chips: readonly Accelerator[]) => void): void {
  const chips = SEARCHED.chips.map((id) => accelerator(id).accelerator);
  for (const id of SEARCHED.models) {
    const [first = 0, ...others] = SEARCHED.contexts;
    const planner = afdPlanner(splitModel(modelOf(id)), { ...afdDefaults, contexts: oneContext(first) });
    for (const at of [planner, ...others.map((context) => planner.at(oneContext(context)))]) work(at, chips);
  }
}

/** Milliseconds of each case, median of the samples of one round; the cases take turns, so that a busy moment hits them alike. */
async function medians(warmupTime: number): Promise<Readonly<Record<Case, number>>> {
  const bench = new Bench({ time: 300, warmupTime });
  for (const [name, run] of Object.entries(CASES)) bench.add(name, run);
  await bench.run();
  return Object.fromEntries(
    bench.tasks.map(({ name, result }) => {
      if (result.state !== 'completed') throw new Error(`bench: ${name} ended as ${result.state}`);
      return [name, result.latency.p50];
    }),
  ) as Record<Case, number>;
}

/** A config with a list of modules that are not quantised, of about so many characters. */
function largeConfig(characters: number): string {
  const layers = 4000;
  const name = (i: number): string => `model.layers.${i % layers}.self_attn.o_proj`;
  return JSON.stringify({
    ...{ model_type: 'llama', hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: layers, num_attention_heads: 32, num_key_value_heads: 8 },
    ...{ vocab_size: 128256, tie_word_embeddings: false, torch_dtype: 'bfloat16', max_position_embeddings: 131072 },
    id2label: Object.fromEntries(Array.from({ length: characters / 30 }, (_, i) => [i, `LABEL_${i}`])),
    quantization_config: { quant_method: 'fp8', weight_block_size: [128, 128], modules_to_not_convert: Array.from({ length: layers }, (_, i) => name(i)) },
  });
}

function handModel({ cores, linearFlop, ffnFlop, headFlop }: CompiledModel, costs: UnitCosts): HandModel {
  const spans = cores.flatMap(({ flop }) => flop.terms.map(({ span }) => span));
  return {
    cores: cores.map(({ flop, bytes }): HandCore => ({ flop: line(flop), bytes: line(bytes) })),
    linearFlop: linearFlop.evaluate(1),
    ffnFlop: ffnFlop.evaluate(1),
    headFlop: headFlop.evaluate(1),
    window: spans.reduce((size, span) => (span.kind === 'min' ? span.window : size), 0),
    chunk: spans.reduce((size, span) => (span.kind === 'chunk' ? span.chunk : size), 0),
    usdPerFlop: costs.attention,
    usdPerByte: costs.byte,
  };
}

function line({ terms }: ContextCurve): readonly [number, number, number] {
  const of = (...kinds: readonly string[]): number => terms.reduce((sum, { coefficient, span }) => (kinds.includes(span.kind) ? sum + Number(coefficient) : sum), 0);
  return [of('one'), of('linear'), of('min', 'chunk')];
}

function numpyMilliseconds(): number | null {
  const { stdout } = spawnSync('python3', [process.argv[2] as string], { input: JSON.stringify({ contexts: [...contexts], models: byHand }), encoding: 'utf8' });
  return stdout ? Number(stdout) : null;
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  for (const cells of rows)
    process.stdout.write(
      `${cells
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd()}\n`,
    );
}
