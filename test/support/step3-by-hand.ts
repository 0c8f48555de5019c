/**
 * The arithmetic of the Step-3 paper written a second time: one line of plain numbers per model, no operators, no curves,
 * nothing from `src`. Sizes and counting rules are those of arXiv:2507.19427v1, section 4; 1 byte per weight and KV element
 * unless a line says otherwise. `exact` differs from `paper` as the project's counting switches say.
 */

/** All layers of one kind of attention, as functions of the context length S. */
interface Core {
  readonly flop: (S: number) => number;
  readonly bytes: (S: number) => number;
  readonly exactFlop?: (S: number) => number;
  readonly exactBytes?: (S: number) => number;
  /** KV that one new token adds in all these layers */
  readonly newToken: number;
}

interface HandModel {
  readonly cores: readonly Core[];
  readonly linear: number;
  readonly ffn: number;
  readonly router: number;
  readonly head: number;
}

const latent = (layers: number, heads: number): Core => ({
  flop: (S) => layers * heads * 4 * 576 * S,
  bytes: (S) => layers * 576 * S,
  exactFlop: (S) => layers * heads * 2 * (576 + 512) * S,
  newToken: layers * 576,
});

const full = (layers: number, queryHeads: number, width: number, kvBytes: number): Core => ({
  flop: (S) => layers * queryHeads * 4 * width * S,
  bytes: (S) => layers * kvBytes * S,
  newToken: layers * kvBytes,
});

const chunks = (layers: number, chunk: number, queryHeads: number, width: number, kvBytes: number): Core => {
  const flop = (tokens: number) => layers * queryHeads * 4 * width * tokens;
  const bytes = (tokens: number) => layers * kvBytes * tokens;
  const position = (S: number) => ((S - 1) % chunk) + 1;
  return {
    flop: (S) => flop(Math.min(S, chunk)),
    bytes: (S) => bytes(Math.min(S, chunk)),
    exactFlop: (S) => flop(position(S)),
    exactBytes: (S) => bytes(position(S)),
    newToken: layers * kvBytes,
  };
};

const recurrent = (layers: number, heads: number, width: number): Core => ({ flop: () => layers * 10 * heads * width * width, bytes: () => layers * 8 * heads * width * width, newToken: 0 });

const mlaLinear = (heads: number) => 7168 * 1536 + 1536 * heads * 192 + 7168 * 576 + 2 * heads * 128 * 512 + heads * 128 * 7168;

export const HAND_MODELS: Readonly<Record<string, HandModel>> = {
  'deepseek-v3': { cores: [latent(61, 128)], linear: 61 * mlaLinear(128), ffn: 3 * 3 * 7168 * 18432 + 58 * 9 * 3 * 7168 * 2048, router: 58 * 7168 * 256, head: 129280 * 7168 },
  'kimi-k2': { cores: [latent(61, 64)], linear: 61 * mlaLinear(64), ffn: 3 * 7168 * 18432 + 60 * 9 * 3 * 7168 * 2048, router: 60 * 7168 * 384, head: 163840 * 7168 },
  'qwen3-235b-a22b': { cores: [full(94, 64, 128, 2 * 4 * 128)], linear: 94 * 2 * (4096 * 8192 + 4096 * 512), ffn: 94 * 8 * 3 * 4096 * 1536, router: 94 * 4096 * 128, head: 151936 * 4096 },
  'qwen3-32b': { cores: [full(64, 64, 128, 2 * 8 * 128)], linear: 64 * 2 * (5120 * 8192 + 5120 * 1024), ffn: 64 * 3 * 5120 * 25600, router: 0, head: 151936 * 5120 },
  'llama-4-maverick': {
    cores: [full(12, 40, 128, 4096), chunks(36, 8192, 40, 128, 2048)],
    linear: 48 * 2 * (5120 * 5120 + 5120 * 1024),
    ffn: 24 * 3 * 5120 * 16384 + 24 * 2 * 3 * 5120 * 8192,
    router: 24 * 5120 * 128,
    head: 202048 * 5120,
  },
  'minimax-m1': {
    cores: [full(10, 64, 128, 4096), recurrent(70, 64, 128)],
    linear: 10 * 2 * (6144 * 8192 + 6144 * 1024) + 70 * 5 * 6144 * 8192,
    ffn: 80 * 2 * 3 * 6144 * 9216,
    router: 80 * 6144 * 32,
    head: 200064 * 6144,
  },
  'ernie-4.5-300b-a47b': {
    cores: [full(54, 64, 128, 2048)],
    linear: 54 * 2 * (8192 * 8192 + 8192 * 1024),
    ffn: 3 * 3 * 8192 * 28672 + 51 * 8 * 3 * 8192 * 3584,
    router: 51 * 8192 * 64,
    head: 100352 * 8192,
  },
  'pangu-pro-moe': { cores: [full(48, 40, 128, 2048)], linear: 48 * 2 * (5120 * 5120 + 5120 * 1024), ffn: 48 * 12 * 3 * 5120 * 1344, router: 48 * 5120 * 64, head: 153376 * 5120 },
  'step-3': {
    cores: [full(61, 64, 256, 512)],
    linear: 61 * (7168 * 2048 + 2048 * 16384 + 2 * 7168 * 256 + 16384 * 7168),
    ffn: 5 * 3 * 7168 * 18432 + 56 * 4 * 3 * 7168 * 5120,
    router: 56 * 7168 * 48,
    head: 128815 * 7168,
  },
};

/** Table 4: USD per hour, FLOP/s in 8 bit (16 bit where the chip has no FP8), B/s. */
export const HAND_CHIPS: Readonly<Record<string, readonly [price: number, peak: number, bandwidth: number]>> = {
  h800: [2, 1.98e15, 3.35e12],
  h20: [0.8, 2.96e14, 4e12],
  a800: [0.75, 3.12e14, 2e12],
  'ascend-910b': [0.67, 2.8e14, 1.6e12],
};

export interface HandCost {
  readonly kvBytesRead: number;
  readonly attentionFlop: number;
  readonly linearFlop: number;
  readonly ffnFlop: number;
  readonly headFlop: number;
  readonly attentionUsdPerMtok: number;
  readonly ffnUsdPerMtok: number;
  readonly headUsdPerMtok: number;
  readonly totalUsdPerMtok: number;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** One decoded token of a model on a chip at context S. */
export function byHand(modelId: string, chipId: string, S: number, counting: 'paper' | 'exact'): HandCost {
  const model = HAND_MODELS[modelId];
  const chip = HAND_CHIPS[chipId];
  if (model === undefined || chip === undefined) throw new RangeError(`by hand: ${modelId} on ${chipId} is not in the paper`);
  const [price, peak, bandwidth] = chip;
  const usdOfFlop = (flop: number) => ((price / 3600) * flop) / peak;
  const usdOfBytes = (bytes: number) => ((price / 3600) * bytes) / bandwidth;
  const exact = counting === 'exact';
  const cores = model.cores.map(({ flop, bytes, exactFlop = flop, exactBytes = bytes, newToken }) =>
    exact ? { flop: exactFlop(S), read: exactBytes(S), written: newToken } : { flop: flop(S), read: bytes(S), written: 0 },
  );
  const attentionFlop = total(cores.map((core) => core.flop));
  const kvBytesRead = total(cores.map((core) => core.read));
  const linearFlop = 2 * model.linear;
  const ffnFlop = 2 * (model.ffn + (exact ? model.router : 0));
  const headFlop = exact ? 2 * model.head : 0;
  const core = exact ? total(cores.map(({ flop, read, written }) => Math.max(usdOfFlop(flop), usdOfBytes(read + written)))) : Math.max(usdOfFlop(attentionFlop), usdOfBytes(kvBytesRead));
  const attentionUsdPerMtok = (core + usdOfFlop(linearFlop)) * 1e6;
  const ffnUsdPerMtok = usdOfFlop(ffnFlop) * 1e6;
  const headUsdPerMtok = usdOfFlop(headFlop) * 1e6;
  return { kvBytesRead, attentionFlop, linearFlop, ffnFlop, headFlop, attentionUsdPerMtok, ffnUsdPerMtok, headUsdPerMtok, totalUsdPerMtok: attentionUsdPerMtok + ffnUsdPerMtok + headUsdPerMtok };
}
