import { accelerator } from '../../accelerators/index.ts';
import { modelOf } from '../../models/index.ts';
import { engineConstants } from '../../serving/disaggregation/engine-constants.ts';
import { decodeStepProcedure } from '../../serving/disaggregation/procedures.ts';
import { releasedDegrees } from '../../serving/disaggregation/released-times.ts';
import { singleChip } from '../../timing/deployment.ts';
import { passSeconds } from '../../timing/pass-time.ts';
import type { Aim } from '../printed.ts';
import { figure5 } from './data/figure5.ts';
import { found, ID, type Item, item } from './item.ts';
import { estimatorOf } from './runs.ts';
import { instanceInputs, setting } from './settings.ts';

const MODEL = 'opt-13b';
const [BATCH, CONTEXT] = [128, 256];
const WITHIN: Aim = { kind: 'within', share: 0.15 };
const MS = 1e-3;
type Way = keyof typeof figure5;

const splitOf = (way: Way, gpus: number): readonly [tensor: number, pipeline: number] => (way === 'intra-op' ? [gpus, 1] : [1, gpus]);

/** Time of a token of 128 requests of 256 tokens through all stages of DistServe's engine. @throws RangeError for a degree that was not profiled */
export function engineStepSeconds(way: Way, gpus: number): number {
  const [tensorParallel, pipelineParallel] = splitOf(way, gpus);
  const { times } = estimatorOf(MODEL, 'engine').instance('decode', { tensorParallel, pipelineParallel });
  return times.decode(BATCH, BATCH * CONTEXT, true) + (pipelineParallel - 1) * times.decode(BATCH, BATCH * CONTEXT, false);
}

/** The same from calibrated kernels and the host time of the engine. */
export function kernelStepSeconds(gpus: number): number {
  const { stepSeconds, requestSeconds } = engineConstants.distserve;
  const deployment = { ...singleChip, tensorParallel: gpus };
  return passSeconds(modelOf(MODEL), accelerator('a100-80g').accelerator, { phase: 'decode', batch: BATCH, context: CONTEXT }, { deployment }).seconds + stepSeconds + requestSeconds * BATCH;
}

const BECAUSE: Readonly<Record<string, string>> = {
  'intra-op/2': 'the released profile has 31.9 ms for the pass, 8 ms less than the figure; host time, which was fitted to runs that decode without tensor parallelism, adds 16.6 ms',
  'inter-op/8': 'each stage adds 1.7 ms, fitted to runs of two stages; by the figure eight stages add 1.3 ms together',
};
const RECENT = 'kernels are timed as recent engines run them';
const KERNELS_BECAUSE: Readonly<Record<number, string>> = {
  1: `${RECENT}: 33.7 ms for the pass, which takes 46.5 ms by the released profile`,
  4: `${RECENT}: 11.7 ms for the pass, which takes 22.0 ms by the released profile`,
  8: `${RECENT}: 8.3 ms for the pass; on four GPUs the released profile has nearly twice of what the kernels take`,
};

const inputsOf = (gpus: number) => ({ batch: setting('batch', BATCH), context: setting('prompt', CONTEXT), gpus: setting('gpus', gpus) });

function stepItem(way: Way, gpus: number, latencyMs: number): Item {
  const because = BECAUSE[`${way}/${gpus}`];
  const [tensor, pipeline] = splitOf(way, gpus);
  const inputs = { ...inputsOf(gpus), ...instanceInputs(MODEL, 'engine', { engine: 'distserve', splits: [tensor, pipeline, tensor, pipeline] }) };
  return item(
    `figure-5/${way}/${gpus}`,
    String(latencyMs),
    `Figure 5, ms of a decode step of 128 requests on ${gpus} GPUs, ${way}, read from the curve`,
    found(`time of a decode step on ${gpus} GPUs, ${way}`, 's', decodeStepProcedure, inputs, () => engineStepSeconds(way, gpus)),
    { scale: MS, aim: WITHIN, ...(because === undefined ? {} : { deviates: because }) },
  );
}

function kernelItem(gpus: number, latencyMs: number): Item {
  const because = KERNELS_BECAUSE[gpus];
  const inputs = { ...inputsOf(gpus), stepSeconds: `${ID}/engine/distserve/stepSeconds`, requestSeconds: `${ID}/engine/distserve/requestSeconds` };
  return item(
    `figure-5/intra-op/${gpus}:kernels`,
    String(latencyMs),
    `Figure 5, ms of a decode step of 128 requests on ${gpus} GPUs, intra-op, by calibrated kernels and the host time of the engine`,
    found(`time of a decode step on ${gpus} GPUs, by kernels`, 's', decodeStepProcedure, inputs, () => kernelStepSeconds(gpus)),
    { scale: MS, aim: WITHIN, ...(because === undefined ? {} : { deviates: because }) },
  );
}

/** Whether times of OPT-13B were released for a way to decode. */
export const isProfiled = (way: Way, gpus: number): boolean => way === 'inter-op' || releasedDegrees('distserve', MODEL).includes(gpus);
const points = (Object.keys(figure5) as Way[]).flatMap((way) => figure5[way].gpus.map((gpus, at) => ({ way, gpus, latencyMs: figure5[way].latencyMs[at] as number })));

/** Figure 5, predicted: latency of decoding by the engine's times where they are known, and by calibrated kernels. Its throughput is what the latency gives. */
export const decodeScalingItems: readonly Item[] = [
  ...points.filter(({ way, gpus }) => isProfiled(way, gpus)).map(({ way, gpus, latencyMs }) => stepItem(way, gpus, latencyMs)),
  ...points.filter(({ way }) => way === 'intra-op').map(({ gpus, latencyMs }) => kernelItem(gpus, latencyMs)),
];
