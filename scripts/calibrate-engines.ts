/**
 * Fits what real engines add to single passes to measured runs beside the project.
 *   npx tsx scripts/calibrate-engines.ts            writes src/serving/disaggregation/engine-constants.generated.json, prints errors of attainment
 *   npx tsx scripts/calibrate-engines.ts --check    writes nothing; exit 1 where the file is stale
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csvParse } from 'd3-dsv';
import { attainments, type EngineSetting, fitEngine, isCalm, type MeasuredRun, rerun } from '../src/calibrate/engines.ts';
import { InputError } from '../src/io/input-error.ts';
import { writeAtomic } from '../src/io/write.ts';
import { modelCache } from '../src/models/cache.ts';
import { modelOf } from '../src/models/index.ts';
import { distserveLink } from '../src/papers/distserve/link.ts';
import { releasedDimensions } from '../src/serving/disaggregation/kv-capacity.ts';
import { RELEASED_ENGINES } from '../src/serving/disaggregation/released-profiles.ts';
import { requestsOf } from '../src/serving/engine/requests.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TARGET = join(ROOT, 'src/serving/disaggregation/engine-constants.generated.json');
const TRACES = fileURLToPath(new URL('../../shared/papers/distserve/real_traces', import.meta.url));

/** Placement by file name: `c21d12` is prefill TP 2, PP 1, decode TP 1, PP 2; runs without it on three GPUs are of the paper's placement, others on four of none that is known. */
function runOf(name: string): MeasuredRun | null {
  const [, ptp = '2', ppp = '1', dtp = '1', dpp = '1'] = /-c(\d)(\d)d(\d)(\d)-/.exec(name) ?? [];
  const engine = name.startsWith('vllm') ? 'vllm' : 'distserve';
  const [, requests = '0', rate = '0'] = /-(\d+)-([\d.]+)$/.exec(name) ?? [];
  if (engine === 'distserve' && !name.includes('-c') && (Number(requests) === 400 || Number(requests) === 800)) return null;
  const rows = csvParse(readFileSync(join(TRACES, `${name}.csv`), 'utf8').replace(/^#.*\n/, ''));
  const column = (field: string): number[] => rows.map((row) => Number(row[field]));
  const split = (tensorParallel: string, pipelineParallel: string) => ({ tensorParallel: Number(tensorParallel), pipelineParallel: Number(pipelineParallel) });
  if (rows.length !== Number(requests) || Number(rate) === 0) throw new InputError(`calibrate: trace ${name} has ${rows.length} rows`);
  return {
    name,
    engine,
    prefill: engine === 'vllm' ? split('1', '1') : split(ptp, ppp),
    decode: engine === 'vllm' ? split('1', '1') : split(dtp, dpp),
    requests: requestsOf(column('arrival_s'), column('prompt_len'), column('output_len'), name),
    ttft: Float64Array.from(column('ttft_ms'), (value) => value / 1e3),
    tpot: Float64Array.from(column('tpot_ms'), (value) => value / 1e3),
  };
}

async function main(): Promise<void> {
  if (!existsSync(TRACES)) throw new InputError(`calibrate: traces ${TRACES} is not a folder`);
  const model = modelOf('opt-13b');
  const setting: EngineSetting = { model: model.id, dimensions: releasedDimensions(model), link: distserveLink(modelCache(model).perToken) };
  const runs = readdirSync(TRACES)
    .filter((file) => /-[\d.]+\.csv$/.test(file))
    .map((file) => runOf(file.replace(/\.csv$/, '')))
    .filter((run) => run !== null);
  const constants = Object.fromEntries(
    RELEASED_ENGINES.map((engine) => [
      engine,
      fitEngine(
        runs.filter((run) => run.engine === engine),
        setting,
      ),
    ]),
  );
  const text = `${JSON.stringify({ constants, runs: runs.map((run) => ({ name: run.name, engine: run.engine, fitted: isCalm(run) })) }, null, 2)}\n`;
  for (const run of runs) {
    const outcome = rerun(run, setting, constants[run.engine] as NonNullable<(typeof constants)[string]>);
    const of = [0.2, 0.25].map((ttft) => attainments(run, outcome, { ttft, tpot: 0.1 }));
    console.log(
      `${run.name}: ${of.map(({ measured, simulated }) => `${(100 * measured).toFixed(1)} % measured, ${(100 * (simulated - measured)).toFixed(1)} points off`).join('; ')}${isCalm(run) ? ' (times fitted)' : ''}`,
    );
  }
  const stale = !existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== text;
  if (!stale) console.log('calibrate: engines, nothing moved');
  else if (process.argv.includes('--check')) {
    console.error('calibrate: engine constants are stale, run npm run calibrate');
    process.exitCode = 1;
  } else await writeAtomic(TARGET, text, 'calibrate');
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
