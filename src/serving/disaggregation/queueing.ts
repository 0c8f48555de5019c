import { formula } from '../../provenance/card.ts';

const DISTSERVE = (at: string) => ({ kind: 'paper', id: 'arXiv:2401.09670v3', at }) as const;

const rate = { unit: '1/s', meaning: 'Poisson arrivals of requests', tex: 'R' } as const;
const time = { unit: 's', meaning: 'time that one device takes for a request', tex: 'D' } as const;
const stages = { unit: '1', meaning: 'stages that take equally long', tex: 's' } as const;

/** Share of the time that a server works: at 1 and above, the queue grows without end. */
export const utilisation = formula({
  id: 'distserve/utilisation',
  name: 'Utilisation of a server',
  symbols: { rate, time },
  expression: 'rate * time',
  unit: '1',
  evaluate: ({ rate, time }) => {
    check('rate', rate, isAmount(rate), 'is not a finite number of at least 0');
    check('time', time, isAmount(time), 'is not a finite number of seconds of at least 0');
    return rate * time;
  },
  source: { kind: 'derived', from: 'work that arrives in a second' },
});

/**
 * Mean wait before service, one server, first come first served, equal service times (M/D/1):
 *   W = R D^2 / (2 (1 - R D))   [s]
 * @throws RangeError where rate x time is not below 1, or a number is negative or not finite
 */
export const waitMD1 = formula({
  id: 'distserve/wait-md1',
  name: 'Mean wait for a server with equal service times',
  symbols: { rate, time },
  expression: 'rate * time^2 / (2 * (1 - rate * time))',
  unit: 's',
  evaluate: ({ rate, time }) => {
    keepsUp(rate, time, 1, 'the device', '1');
    return (rate * time ** 2) / (2 * (1 - rate * time));
  },
  source: DISTSERVE('section 3.1, equation 1'),
});

/**
 * Mean wait before service, one server, first come first served, service times of any distribution (M/G/1, Pollaczek and Khinchine):
 *   W = R (D^2 + v) / (2 (1 - R D))   [s]   D mean, v variance; v = D^2 for exponential times, 0 for equal ones
 * @throws RangeError where rate x mean is not below 1, or a number is negative or not finite
 */
export const waitMG1 = formula({
  id: 'distserve/wait-mg1',
  name: 'Mean wait for a server with service times that vary',
  symbols: { rate, mean: { unit: 's', meaning: 'mean service time', tex: 'D' }, variance: { unit: 's^2', meaning: 'variance of the service times', tex: 'v' } },
  expression: 'rate * (mean^2 + variance) / (2 * (1 - rate * mean))',
  unit: 's',
  evaluate: ({ rate, mean, variance }) => {
    keepsUp(rate, mean, 1, 'the device', '1');
    check('variance', variance, isAmount(variance), 'is not a finite number of at least 0');
    return (rate * (mean ** 2 + variance)) / (2 * (1 - rate * mean));
  },
  source: { kind: 'derived', from: 'the formula of Pollaczek and Khinchine for Poisson arrivals at one server' },
});

/**
 * Mean time to the first token on one device, equation 1:
 *   TTFT = D + R D^2 / (2 (1 - R D))   [s]
 * Prompts of one length, one after the other in order of arrival. Ignored, here and in the cards below: batching, decoding on the same device,
 * transfers between stages and devices.
 * @throws RangeError as `waitMD1`
 */
export const ttftSingle = formula({
  id: 'distserve/ttft-single',
  name: 'Mean time to the first token on one device',
  symbols: { rate, time },
  expression: 'time + rate * time^2 / (2 * (1 - rate * time))',
  unit: 's',
  evaluate: ({ rate, time }) => time + waitMD1.evaluate({ rate, time }),
  source: DISTSERVE('section 3.1, equation 1'),
});

/**
 * Mean time to the first token with two stages that each take half of the time (inter-operator parallelism), equation 2:
 *   TTFT = D + R D^2 / (4 (2 - R D))   [s]
 * @throws RangeError where rate x time is not below 2, or a number is negative or not finite
 */
export const ttftInterOp = formula({
  id: 'distserve/ttft-inter-op',
  name: 'Mean time to the first token, two stages',
  symbols: { rate, time },
  expression: 'time + rate * time^2 / (4 * (2 - rate * time))',
  unit: 's',
  evaluate: ({ rate, time }) => {
    keepsUp(rate, time, 2, 'both stages', '2');
    return time + (rate * time ** 2) / (4 * (2 - rate * time));
  },
  source: DISTSERVE('section 3.1, equation 2'),
});

/**
 * Mean time to the first token with two devices that share every operator (intra-operator parallelism), equation 3:
 *   TTFT = D / K + R D^2 / (2 K (K - R D))   [s]
 * The paper takes 1 < K < 2; any positive speed-up is taken here, 1 being one device.
 * @throws RangeError where rate x time is not below the speed-up, the speed-up is not a positive number, or a number is negative or not finite
 */
export const ttftIntraOp = formula({
  id: 'distserve/ttft-intra-op',
  name: 'Mean time to the first token, every operator shared',
  symbols: { rate, time, speedup: { unit: '1', meaning: 'how many times faster the devices are together than one of them', tex: 'K' } },
  expression: 'time / speedup + rate * time^2 / (2 * speedup * (speedup - rate * time))',
  unit: 's',
  evaluate: ({ rate, time, speedup }) => {
    check('speedup', speedup, speedup > 0 && Number.isFinite(speedup), 'is not a positive number');
    keepsUp(rate, time, speedup, 'the devices', `the speed-up ${speedup}`);
    return time / speedup + (rate * time ** 2) / (2 * speedup * (speedup - rate * time));
  },
  source: DISTSERVE('section 3.1, equation 3'),
});

/**
 * Mean time to the first token with any stages: requests wait in front of the slowest only, as times are equal.
 *   TTFT = D_s + R D_m^2 / (2 (1 - R D_m))   [s]   D_s one request through all stages, D_m the slowest stage
 * @throws RangeError where rate x slowest is not below 1, the slowest stage takes longer than all, or a number is negative or not finite
 */
export const ttftStages = formula({
  id: 'distserve/ttft-stages',
  name: 'Mean time to the first token, stages that differ',
  symbols: { rate, total: { unit: 's', meaning: 'time of one request through all stages', tex: 'D_s' }, slowest: { unit: 's', meaning: 'time of one request in the slowest stage', tex: 'D_m' } },
  expression: 'total + rate * slowest^2 / (2 * (1 - rate * slowest))',
  unit: 's',
  evaluate: ({ rate, total, slowest }) => {
    keepsUp(rate, slowest, 1, 'the slowest stage', '1');
    check('total', total, isAmount(total) && total >= slowest, `is not a finite number of seconds of at least the slowest stage, ${slowest}`);
    return total + (rate * slowest ** 2) / (2 * (1 - rate * slowest));
  },
  source: DISTSERVE('section 3.1, equation 2'),
});

/**
 * Mean time to the first token with s stages that take equally long: `ttftStages` with D_m = D / s.
 *   TTFT = D + R D^2 / (2 s (s - R D))   [s]
 * @throws RangeError where rate x time is not below the stages, stages is no positive integer, or a number is negative or not finite
 */
export const ttftEqualStages = formula({
  id: 'distserve/ttft-equal-stages',
  name: 'Mean time to the first token, stages alike',
  symbols: { rate, time, stages },
  expression: 'time + rate * time^2 / (2 * stages * (stages - rate * time))',
  unit: 's',
  evaluate: ({ rate, time, stages }) => {
    check('stages', stages, isCount(stages), 'is not a positive integer');
    keepsUp(rate, time, stages, 'the stages', `the ${stages} stages`);
    return time + (rate * time ** 2) / (2 * stages * (stages - rate * time));
  },
  source: { kind: 'derived', from: 'equation 2 of arXiv:2401.09670v3 with any number of stages' },
});

/**
 * Mean time to the first token with N replicas that each get one Nth of the requests at random: equation 1 at R / N.
 *   TTFT = D + (R / N) D^2 / (2 (1 - R D / N))   [s]
 * Ignored: a dispatcher that picks the shortest queue, which waits less.
 * @throws RangeError where rate x time is not below the replicas, replicas is no positive integer, or a number is negative or not finite
 */
export const ttftReplicas = formula({
  id: 'distserve/ttft-replicas',
  name: 'Mean time to the first token, replicas',
  symbols: { rate, time, replicas: { unit: '1', meaning: 'devices that each hold the whole model', tex: 'N' } },
  expression: 'time + rate / replicas * time^2 / (2 * (1 - rate / replicas * time))',
  unit: 's',
  evaluate: ({ rate, time, replicas }) => {
    check('replicas', replicas, isCount(replicas), 'is not a positive integer');
    keepsUp(rate, time, replicas, 'the replicas', `the ${replicas} replicas`);
    return ttftSingle.evaluate({ rate: rate / replicas, time });
  },
  source: DISTSERVE('section 3.1'),
});

const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`queueing: ${field} ${value} ${rule}`);
}

/** @throws RangeError where servers that do `limit` times the work of one device get at least as much as they can do */
function keepsUp(rate: number, time: number, limit: number, server: string, limitText: string): void {
  const load = utilisation.evaluate({ rate, time });
  check('rate', rate, load < limit, `fills ${server}: rate x time ${Number(load.toPrecision(6))} is not below ${limitText}`);
}
