import type { CostColumns } from '../src/sweep/columns.ts';

/** One attention core as somebody would type it: FLOP and bytes as a + b S + c y(S). */
export interface HandCore {
  readonly flop: readonly [number, number, number];
  readonly bytes: readonly [number, number, number];
}

/** What a model and a chip are to the hand-written loops: plain numbers. */
export interface HandModel {
  readonly cores: readonly HandCore[];
  readonly linearFlop: number;
  readonly ffnFlop: number;
  readonly headFlop: number;
  /** window of min(S, w) or chunk of ((S - 1) mod c) + 1; 0 for neither */
  readonly window: number;
  readonly chunk: number;
  readonly usdPerFlop: number;
  readonly usdPerByte: number;
}

/** One loop per shape of model over typed arrays, constants taken out of the loop: the baseline of the columnar sweep. */
export function handWritten(model: HandModel, contexts: Float64Array, out: CostColumns): void {
  if (model.cores.length === 1 && model.window === 0) oneCore(model, contexts, out);
  else if (model.cores.length === 1) windowed(model, contexts, out);
  else if (model.chunk === 0) twoCores(model, contexts, out);
  else chunked(model, contexts, out);
}

type Core = readonly [HandCore, HandCore];

function oneCore({ cores, linearFlop, ffnFlop, headFlop, usdPerFlop, usdPerByte }: HandModel, contexts: Float64Array, out: CostColumns): void {
  const [core] = cores as Core;
  const [f0, f1] = core.flop;
  const [m0, m1] = core.bytes;
  const { attention, ffn, head, total } = out;
  const linearUsd = linearFlop * usdPerFlop;
  const ffnUsd = 1e6 * ffnFlop * usdPerFlop;
  const headUsd = 1e6 * headFlop * usdPerFlop;
  for (let i = 0; i < contexts.length; i++) {
    const S = contexts[i] as number;
    const usd = 1e6 * (Math.max((f0 + f1 * S) * usdPerFlop, (m0 + m1 * S) * usdPerByte) + linearUsd);
    attention[i] = usd;
    ffn[i] = ffnUsd;
    head[i] = headUsd;
    total[i] = usd + ffnUsd + headUsd;
  }
}

function windowed({ cores, linearFlop, ffnFlop, headFlop, usdPerFlop, usdPerByte, window }: HandModel, contexts: Float64Array, out: CostColumns): void {
  const [core] = cores as Core;
  const [f0, f1, f2] = core.flop;
  const [m0, m1, m2] = core.bytes;
  const { attention, ffn, head, total } = out;
  const linearUsd = linearFlop * usdPerFlop;
  const ffnUsd = 1e6 * ffnFlop * usdPerFlop;
  const headUsd = 1e6 * headFlop * usdPerFlop;
  for (let i = 0; i < contexts.length; i++) {
    const S = contexts[i] as number;
    const y = S < window ? S : window;
    const usd = 1e6 * (Math.max((f0 + f1 * S + f2 * y) * usdPerFlop, (m0 + m1 * S + m2 * y) * usdPerByte) + linearUsd);
    attention[i] = usd;
    ffn[i] = ffnUsd;
    head[i] = headUsd;
    total[i] = usd + ffnUsd + headUsd;
  }
}

function twoCores({ cores, linearFlop, ffnFlop, headFlop, usdPerFlop, usdPerByte }: HandModel, contexts: Float64Array, out: CostColumns): void {
  const [a, b] = cores as Core;
  const [f0, f1] = a.flop;
  const [m0, m1] = a.bytes;
  const [g0, g1] = b.flop;
  const [n0, n1] = b.bytes;
  const { attention, ffn, head, total } = out;
  const linearUsd = linearFlop * usdPerFlop;
  const ffnUsd = 1e6 * ffnFlop * usdPerFlop;
  const headUsd = 1e6 * headFlop * usdPerFlop;
  for (let i = 0; i < contexts.length; i++) {
    const S = contexts[i] as number;
    const first = Math.max((f0 + f1 * S) * usdPerFlop, (m0 + m1 * S) * usdPerByte);
    const second = Math.max((g0 + g1 * S) * usdPerFlop, (n0 + n1 * S) * usdPerByte);
    const usd = 1e6 * (first + second + linearUsd);
    attention[i] = usd;
    ffn[i] = ffnUsd;
    head[i] = headUsd;
    total[i] = usd + ffnUsd + headUsd;
  }
}

function chunked({ cores, linearFlop, ffnFlop, headFlop, usdPerFlop, usdPerByte, chunk }: HandModel, contexts: Float64Array, out: CostColumns): void {
  const [local, full] = cores as Core;
  const [f0, , f2] = local.flop;
  const [m0, , m2] = local.bytes;
  const [g0, g1] = full.flop;
  const [n0, n1] = full.bytes;
  const { attention, ffn, head, total } = out;
  const linearUsd = linearFlop * usdPerFlop;
  const ffnUsd = 1e6 * ffnFlop * usdPerFlop;
  const headUsd = 1e6 * headFlop * usdPerFlop;
  for (let i = 0; i < contexts.length; i++) {
    const S = contexts[i] as number;
    const y = S - chunk * Math.floor((S - 1) / chunk);
    const first = Math.max((f0 + f2 * y) * usdPerFlop, (m0 + m2 * y) * usdPerByte);
    const second = Math.max((g0 + g1 * S) * usdPerFlop, (n0 + n1 * S) * usdPerByte);
    const usd = 1e6 * (first + second + linearUsd);
    attention[i] = usd;
    ffn[i] = ffnUsd;
    head[i] = headUsd;
    total[i] = usd + ffnUsd + headUsd;
  }
}
