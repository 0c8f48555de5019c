import { describe, expect, it } from 'vitest';
import { COMPONENTS, type Component, type PrecisionPolicy, STORAGE_BITS, type StorageFormat, weightFormat } from '../../../src/layers/precision.ts';
import { modelCache } from '../../../src/models/cache.ts';
import { type ImportedModel, importConfig } from '../../../src/models/huggingface/index.ts';
import { parameters } from '../../../src/models/parameters.ts';
import { type Config, examples } from './configs.ts';

const dense: Config = examples['Llama-3.1-8B'];
const deepseek: Config = examples['DeepSeek-V3'];
const gptOss: Config = examples['gpt-oss-120b'];
const qwen: Config = examples['Qwen3-235B-A22B'];

const read = (config: Config, scheme?: unknown, beside?: unknown): ImportedModel =>
  importConfig(scheme === undefined ? config : { ...config, quantization_config: scheme }, beside === undefined ? {} : { quantisation: beside });
const policyOf = (...given: Parameters<typeof read>): PrecisionPolicy => read(...given).entry.model.precision;

/** The format of each component that a model has weights of. */
function formatsOf(imported: ImportedModel): Readonly<Partial<Record<Component, StorageFormat>>> {
  const { model } = imported.entry;
  const { parts } = parameters(model);
  return Object.fromEntries(COMPONENTS.filter((component) => parts[component] > 0).map((component) => [component, weightFormat(model.precision, component)]));
}

/** Weights of Llama-3.1-8B: linear layers in the decoder, and two tables. */
const LINEAR = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336);
const TABLES = 2 * 128256 * 4096;
const bytesOf = (...given: Parameters<typeof read>): number => parameters(read(...given).entry.model).bytes;

describe('without a scheme', () => {
  it.each([
    ['bfloat16', 'bf16', 2],
    ['float16', 'fp16', 2],
    ['float32', 'fp32', 4],
    ['torch.bfloat16', 'bf16', 2],
    ['half', 'fp16', 2],
  ] as const)('dtype %s stores everything as %s', (dtype, format, bytes) => {
    for (const key of ['dtype', 'torch_dtype']) {
      const config = { ...dense, torch_dtype: null, [key]: dtype };
      expect(policyOf(config)).toMatchObject({ weights: format, state: 'fp32', kv: format === 'fp32' ? 'bf16' : format });
      expect(bytesOf(config)).toBe(bytes * (LINEAR + TABLES));
    }
  });
  it('FP32 is multiplied in BF16, which is told', () => {
    const { entry, notes } = read({ ...dense, torch_dtype: 'float32' });
    expect(entry.model.precision.math).toEqual({ attention: 'bf16', linear: 'bf16', ffn: 'bf16', head: 'bf16' });
    expect(notes).toEqual(['weights are stored in FP32 and multiplied in BF16']);
  });
  it('an absent dtype is BF16, which is told', () => {
    const { entry, defaults } = read({ ...dense, torch_dtype: null });
    expect(entry.model.precision.weights).toBe('bf16');
    expect(defaults).toEqual(['dtype = bfloat16']);
  });
  it('the dtype of a section counts where the wrapper has none', () =>
    expect(policyOf({ ...examples.internvl_chat, llm_config: { ...examples.internvl_chat.llm_config, torch_dtype: 'float16' } }).weights).toBe('fp16'));
  it.each(['int8', 'auto', 'fp8', 16])('dtype %j is refused', (dtype) => expect(() => read({ ...dense, torch_dtype: dtype })).toThrow(/^config llama: torch_dtype .* is not one of bfloat16, /));
});

describe('fp8', () => {
  const block = { quant_method: 'fp8', fmt: 'e4m3', activation_scheme: 'dynamic', weight_block_size: [128, 128] };

  it('in blocks has one FP32 scale for 128 x 128 weights; tables stay in 16 bit', () => {
    expect(formatsOf(read(dense, block))).toEqual({ embedding: 'bf16', attention: 'fp8-block128', dense: 'fp8-block128', head: 'bf16' });
    expect(bytesOf(dense, block)).toBe(LINEAR + (LINEAR / 128 ** 2) * 4 + 2 * TABLES);
    expect(policyOf(dense, block)).toMatchObject({ activations: 'fp8', kv: 'bf16', math: { attention: 'bf16', linear: 'fp8', ffn: 'fp8', head: 'bf16' } });
  });
  it('for a whole tensor has none', () => {
    expect(policyOf(dense, { quant_method: 'fp8', weight_block_size: null }).weights).toBe('fp8');
    expect(bytesOf(dense, { quant_method: 'fbgemm_fp8', activation_scale_ub: 1200 })).toBe(LINEAR + 2 * TABLES);
  });
  it('keeps the router and the modules named by the config in 16 bit', () => {
    const names = { modules_to_not_convert: ['lm_head', 'model.layers.*.mlp.shared_experts'], ignored_layers: ['model.layers.*.self_attn'] };
    expect(formatsOf(read(deepseek, { ...block, ...names }))).toEqual({
      embedding: 'bf16',
      attention: 'bf16',
      dense: 'fp8-block128',
      router: 'bf16',
      experts: 'fp8-block128',
      sharedExperts: 'bf16',
      head: 'bf16',
    });
    expect(policyOf(deepseek, { ...block, ...names }).math).toEqual({ attention: 'bf16', linear: 'bf16', ffn: 'fp8', head: 'bf16' });
  });
  it('tells what is excluded in a few layers only', () =>
    expect(read(dense, { ...block, modules_to_not_convert: ['model.layers.0.mlp', 'model.layers.31.mlp'] }).notes).toEqual([
      'dense weights of 2 of 32 layers are not quantised, which is not counted',
    ]));
  it.each([
    [{ weight_block_size: [64, 64] }, 'quantization_config.weight_block_size [64,64] is not 128 x 128'],
    [{ weight_block_size: [128] }, 'quantization_config.weight_block_size of 1 entries does not have 2'],
    [{ fmt: 'e5m2' }, 'quantization_config.fmt "e5m2" is not e4m3'],
    [{ modules_to_not_convert: [7] }, 'quantization_config.modules_to_not_convert[0] 7 is not a text'],
    [{ modules_to_not_convert: 'lm_head' }, 'quantization_config.modules_to_not_convert "lm_head" is not a list'],
    [{ zz: 1 }, 'quantization_config.zz 1 is not understood'],
  ])('%j is refused', (change, message) => expect(() => read(dense, { ...block, ...change })).toThrow(`config llama: ${message}`));

  it('a family that states the format of its experts keeps it', () => {
    const v4: Config = examples['DeepSeek-V4-Flash'];
    expect(formatsOf(read(v4, block))).toMatchObject({ attention: 'fp8-block128', experts: 'mxfp4', sharedExperts: 'fp8-block128', router: 'bf16' });
    expect(formatsOf(read({ ...v4, expert_dtype: 'fp8' }, block)).experts).toBe('fp8-block128');
  });
});

describe('mxfp4', () => {
  const scheme = { quant_method: 'mxfp4', modules_to_not_convert: ['model.layers.*.self_attn', 'model.layers.*.mlp.router', 'model.embed_tokens', 'lm_head'] };
  const EXPERTS = 36 * 128 * 3 * 2880 ** 2;
  const REST = 36 * (2 * 2880 * 4096 + 2 * 2880 * 512 + 2880 * 128) + 2 * 201088 * 2880;

  it('of gpt-oss has experts in 4 bit with an exponent of 8 bit for 32, and the rest in 16 bit', () => {
    expect(formatsOf(read(gptOss, scheme))).toEqual({ embedding: 'bf16', attention: 'bf16', router: 'bf16', experts: 'mxfp4', head: 'bf16' });
    expect(bytesOf(gptOss, scheme)).toBe(EXPERTS / 2 + EXPERTS / 32 + 2 * REST);
  });
  it('leaves activations in 16 bit', () => expect(policyOf(gptOss, scheme)).toMatchObject({ activations: 'bf16', math: { attention: 'bf16', linear: 'bf16', ffn: 'bf16', head: 'bf16' } }));
  it('is of experts only, whether the others are named or not', () => expect(bytesOf(gptOss, { quant_method: 'mxfp4' })).toBe(bytesOf(gptOss, scheme)));
  // The card prints 60.8 GiB for the checkpoint, biases included.
  it('is the printed size of the checkpoint', () => expect(((bytesOf(gptOss, scheme) + 2 * 36 * 128 * 3 * 2880) / 2 ** 30).toFixed(1)).toBe('60.8'));
});

describe('integers', () => {
  it.each([
    ['awq', { bits: 4, group_size: 128, zero_point: true, version: 'gemm' }, 'int4-g128-zp'],
    ['awq', { w_bit: 4, q_group_size: 64, zero_point: true }, 'int4-g64-zp'],
    ['gptq', { bits: 4, group_size: 128, sym: true, desc_act: false, true_sequential: true, damp_percent: 0.1 }, 'int4-g128-zp'],
    ['gptq', { bits: 4, group_size: 32 }, 'int4-g32-zp'],
    ['gptq', { bits: 8, group_size: 128 }, 'int8-g128'],
    ['gptq', { bits: 8, group_size: -1 }, 'int8'],
    ['gptq', { bits: 4, group_size: -1 }, 'int4'],
  ] as const)('%s %j is %s', (method, keys, format) => {
    const scheme = { quant_method: method, ...keys };
    expect(policyOf(dense, scheme)).toMatchObject({ weights: format, activations: 'bf16', math: { linear: 'bf16' } });
    expect(bytesOf(dense, scheme)).toBe((LINEAR * STORAGE_BITS[format]) / 8 + 2 * TABLES);
  });
  // 4 bit, and for 128 of them a scale of 16 bit and a zero point of 4 bit.
  it('of 4 bit in groups of 128 take 4.15625 bit', () => expect(bytesOf(dense, { quant_method: 'awq', bits: 4, group_size: 128 })).toBe((LINEAR * 4 + (LINEAR / 128) * 20) / 8 + 2 * TABLES));
  it('leave the router in 16 bit', () =>
    expect(formatsOf(read(qwen, { quant_method: 'gptq', bits: 4, group_size: 128 }))).toMatchObject({ attention: 'int4-g128-zp', experts: 'int4-g128-zp', router: 'bf16', head: 'bf16' }));
  it.each([
    [{ quant_method: 'awq', bits: 3, group_size: 128 }, 'quantization_config.bits 3 with groups of 128 is not a format that is known'],
    [{ quant_method: 'awq', bits: 4, group_size: 16 }, 'quantization_config.bits 4 with groups of 16 is not a format that is known'],
    [{ quant_method: 'awq', bits: 4 }, 'quantization_config.bits 4 with groups of undefined is not a format that is known'],
    [{ quant_method: 'gptq', bits: 8, group_size: 32 }, 'quantization_config.bits 8 with groups of 32 is not a format that is known'],
    [{ quant_method: 'gptq', group_size: 128 }, 'quantization_config.w_bit (absent) is missing'],
    [{ quant_method: 'gptq', bits: 4, group_size: 128, lm_head: true }, 'quantization_config.lm_head true is not false'],
    [{ quant_method: 'gptq', bits: 4, group_size: 128, dynamic: { '+:.*': { bits: 8 } } }, 'quantization_config.dynamic {"+:.*":{"bits":8}} is not null'],
    [{ quant_method: 'awq', bits: 4, group_size: 'constructor' }, 'quantization_config.bits 4 with groups of constructor is not a format that is known'],
  ])('%j is refused', (scheme, message) => expect(() => read(dense, scheme)).toThrow(`config llama: ${message}`));
});

describe('compressed-tensors', () => {
  const weights = (keys: object) => ({ config_groups: { group_0: { targets: ['Linear'], weights: keys, input_activations: null } } });
  const int4 = { num_bits: 4, type: 'int', strategy: 'group', group_size: 32, symmetric: true, dynamic: false };
  const kimi = {
    quant_method: 'compressed-tensors',
    format: 'pack-quantized',
    quantization_status: 'compressed',
    ...weights(int4),
    ignore: ['lm_head', 're:.*self_attn.*', 're:.*shared_experts.*', 're:.*mlp\\.(gate|up|gate_up|down)_proj.*'],
    kv_cache_scheme: null,
  };

  it('INT4 in groups of 32 with the experts only, as Kimi has it', () => {
    const imported = read(deepseek, kimi);
    expect(formatsOf(imported)).toEqual({ embedding: 'bf16', attention: 'bf16', dense: 'bf16', router: 'bf16', experts: 'int4-g32', sharedExperts: 'bf16', head: 'bf16' });
    const { parts, total } = parameters(imported.entry.model);
    // 4 bit and a scale of 16 bit for 32: 4.5 bit.
    expect(parameters(imported.entry.model).bytes).toBe((parts.experts * 4.5) / 8 + 2 * (total.all - parts.experts));
    expect(imported.entry.model.precision).toMatchObject({ activations: 'bf16', kv: 'bf16', math: { linear: 'bf16', ffn: 'bf16' } });
  });
  it('inside the section of the language model', () => {
    const config: Config = { ...examples.kimi_k25, text_config: { ...examples.kimi_k25.text_config, quantization_config: kimi } };
    expect(formatsOf(importConfig(config))).toMatchObject({ experts: 'int4-g32', attention: 'bf16', vision: 'bf16' });
  });
  const eight = { num_bits: 8, type: 'float', strategy: 'channel', symmetric: true, dynamic: false };
  it.each([
    [eight, { num_bits: 8, type: 'float', dynamic: true }, 'fp8', 'fp8'],
    [{ ...eight, strategy: 'block', block_structure: [128, 128] }, { num_bits: 8, type: 'float' }, 'fp8-block128', 'fp8'],
    [{ ...eight, strategy: 'group', group_size: 32 }, { num_bits: 8, type: 'float' }, 'mxfp8', 'fp8'],
    [{ ...eight, type: 'int' }, { num_bits: 8, type: 'int' }, 'int8', 'int8'],
    [{ ...int4, group_size: 128, symmetric: false }, null, 'int4-g128-zp', 'bf16'],
    [{ ...int4, type: 'float', group_size: 16 }, { num_bits: 4, type: 'float', group_size: 16 }, 'nvfp4', 'fp4'],
    [{ ...int4, type: 'float', group_size: 32 }, null, 'mxfp4', 'bf16'],
  ] as const)('weights %j, activations %j: %s, multiplied in %s', (stored, activations, format, math) => {
    const { config_groups } = weights(stored);
    const scheme = { quant_method: 'compressed-tensors', ignore: ['lm_head'], config_groups: { group_0: { ...config_groups.group_0, input_activations: activations } } };
    expect(policyOf(dense, scheme)).toMatchObject({ weights: format, math: { linear: math, ffn: math, head: 'bf16' } });
  });
  it.each([
    [{ quant_method: 'compressed-tensors' }, 'quantization_config.config_groups (absent) is missing'],
    [{ quant_method: 'compressed-tensors', config_groups: {} }, 'quantization_config.config_groups "{}" is empty'],
    [{ ...kimi, ...weights({ ...int4, num_bits: 3 }) }, 'quantization_config.config_groups.group_0.weights.num_bits 3 of type int in groups of 32 is not a format that is known'],
    [{ ...kimi, ...weights({ ...int4, type: 'nf' }) }, 'quantization_config.config_groups.group_0.weights.type "nf" is not one of int, float'],
    [
      { ...kimi, config_groups: { ...weights(int4).config_groups, b: weights({ ...int4, group_size: 128 }).config_groups.group_0 } },
      'quantization_config.config_groups "int4-g32, int4-g128" are groups of different formats',
    ],
    [{ ...kimi, kv_cache_scheme: { num_bits: 3, type: 'int' } }, 'quantization_config.kv_cache_scheme {"num_bits":3,"type":"int"} is not 8 bit'],
  ])('%j is refused', (scheme, message) => expect(() => read(dense, scheme)).toThrow(`config llama: ${message}`));
});

describe('ModelOpt', () => {
  const beside = (keys: object) => ({ producer: { name: 'modelopt', version: '0.33' }, quantization: keys });
  const nvfp4 = { quant_algo: 'NVFP4', kv_cache_quant_algo: 'FP8', group_size: 16, exclude_modules: ['lm_head', 'model.layers.*.mlp.gate', 'model.layers.*.self_attn*'] };
  const EXPECTED = { embedding: 'bf16', attention: 'bf16', router: 'bf16', experts: 'nvfp4', head: 'bf16' } as const;

  it('NVFP4 inside the config', () => {
    const inside = { quant_method: 'modelopt', ...nvfp4, kv_cache_quant_algo: null, kv_cache_scheme: { num_bits: 8, type: 'float' }, producer: { name: 'modelopt' } };
    expect(formatsOf(read(qwen, inside))).toEqual(EXPECTED);
    expect(policyOf(qwen, inside)).toMatchObject({ kv: 'fp8', math: { linear: 'bf16', ffn: 'fp4', head: 'bf16' } });
  });
  it('NVFP4 beside the config, 4 bit and a scale of 8 bit for 16', () => {
    const imported = read(qwen, undefined, beside(nvfp4));
    expect(formatsOf(imported)).toEqual(EXPECTED);
    const { parts, total, bytes } = parameters(imported.entry.model);
    expect(bytes).toBe(parts.experts / 2 + parts.experts / 16 + 2 * (total.all - parts.experts));
    expect(imported.entry.sources.get('precision.weights')?.source).toEqual({ kind: 'derived', from: 'quantization_config: ModelOpt NVFP4, of config config.json' });
  });
  it('beside the config goes before what the config says', () => {
    expect(policyOf(qwen, { quant_method: 'fp8', weight_block_size: [128, 128] }, beside(nvfp4)).weights).toBe('nvfp4');
    expect(policyOf(qwen, { quant_method: 'of another program', zz: 1 }, beside(nvfp4)).weights).toBe('nvfp4');
  });
  it.each([
    ['FP8', 'fp8', 'fp8'],
    ['FP8_PER_CHANNEL_PER_TOKEN', 'fp8', 'fp8'],
    ['FP8_PB_WO', 'fp8-block128', 'bf16'],
    ['MXFP8', 'mxfp8', 'fp8'],
    ['NVFP4', 'nvfp4', 'fp4'],
    ['W4A16_NVFP4', 'nvfp4', 'bf16'],
    ['W4A16_AWQ', 'int4-g128', 'bf16'],
    ['W4A8_AWQ', 'int4-g128', 'fp8'],
  ] as const)('%s is %s, multiplied in %s', (quant_algo, format, math) => expect(policyOf(dense, undefined, beside({ quant_algo }))).toMatchObject({ weights: format, math: { linear: math } }));
  it.each([
    [{ quant_algo: 'INT3' }, 'config hf_quant_config: quantization.quant_algo "INT3" is not one of FP8, NVFP4, '],
    [{}, 'config hf_quant_config: quantization.quant_algo (absent) is missing'],
    [{ quant_algo: 'NVFP4', moe_quant_algo: 'FP8' }, 'config hf_quant_config: quantization.moe_quant_algo "FP8" is not null'],
  ])('%j is refused', (keys, message) => expect(() => read(dense, undefined, beside(keys))).toThrow(message));
  it.each([
    [{}, 'config hf_quant_config: quantization (absent) is missing'],
    [null, 'hf_quant_config: file null is not an object'],
    [[], 'hf_quant_config: file [] is not an object'],
  ])('a file %j beside the config is refused', (file, message) => expect(() => read(dense, undefined, file)).toThrow(message));

  describe('with mixed precision', () => {
    const layers = (count: number, module: string, keys: object) => Object.fromEntries(Array.from({ length: count }, (_, layer) => [`model.layers.${layer}.${module}`, keys]));
    const mixed = {
      quant_algo: 'MIXED_PRECISION',
      kv_cache_quant_algo: 'FP8',
      quantized_layers: { ...layers(94, 'self_attn.q_proj', { quant_algo: 'FP8' }), ...layers(94, 'mlp.experts', { quant_algo: 'NVFP4', group_size: 16 }), lm_head: { quant_algo: 'W4A16_NVFP4' } },
    };

    it('has the algorithm of each component, and 16 bit where none is named', () => {
      const imported = read(qwen, undefined, beside(mixed));
      expect(formatsOf(imported)).toEqual({ embedding: 'bf16', attention: 'fp8', router: 'bf16', experts: 'nvfp4', head: 'nvfp4' });
      expect(imported.entry.model.precision).toMatchObject({ kv: 'fp8', math: { attention: 'bf16', linear: 'fp8', ffn: 'fp4', head: 'bf16' } });
      const { parts, bytes } = parameters(imported.entry.model);
      expect(bytes).toBe(parts.attention + ((parts.experts + parts.head) * 4.5) / 8 + 2 * (parts.embedding + parts.router));
    });
    it('takes the commonest algorithm of a component, which is told', () => {
      const two = { ...mixed, quantized_layers: { ...layers(94, 'mlp.experts', { quant_algo: 'NVFP4' }), ...layers(3, 'mlp.experts', { quant_algo: 'FP8' }) } };
      const { entry, notes } = read(qwen, undefined, beside(two));
      expect(entry.model.precision.weightsByComponent?.experts).toBe('nvfp4');
      expect(notes).toEqual(['experts weights are quantised in 2 ways, counted as NVFP4']);
    });
    it('keeps a checkpoint in FP8 where it is not quantised further', () =>
      expect(policyOf(qwen, { quant_method: 'fp8', ...mixed, quantized_layers: layers(94, 'mlp.experts', { quant_algo: 'NVFP4' }) })).toMatchObject({
        weights: 'fp8-block128',
        weightsByComponent: { experts: 'nvfp4' },
      }));
    it('the same where the algorithms are beside the config', () => {
      const experts = { quant_algo: 'MIXED_PRECISION', quantized_layers: layers(94, 'mlp.experts', { quant_algo: 'NVFP4' }) };
      const fp8 = { quant_method: 'fp8', weight_block_size: [128, 128] };
      expect(formatsOf(read(qwen, fp8, beside(experts)))).toEqual(formatsOf(read(qwen, { ...fp8, ...experts })));
    });
    it.each([
      [{ quant_algo: 'MIXED_PRECISION' }, 'quantization.quantized_layers (absent) is missing'],
      [{ ...mixed, quantized_layers: {} }, 'quantization.quantized_layers "{}" names no module'],
      [{ ...mixed, quantized_layers: { lm_head: { quant_algo: 'INT3' } } }, 'quantization.quantized_layers.lm_head.quant_algo "INT3" is not one of FP8, '],
    ])('%j is refused', (keys, message) => expect(() => read(qwen, undefined, beside(keys))).toThrow(`config hf_quant_config: ${message}`));
  });
});

describe('the KV cache', () => {
  const modelopt = (keys: object) => ({ quantization: { quant_algo: 'FP8', ...keys } });
  const elements = 32 * 2 * 8 * 128;

  it.each([
    ['FP8', 'fp8', 1],
    ['INT8', 'int8', 1],
    ['NVFP4', 'nvfp4', 4.5 / 8],
    ['none', 'bf16', 2],
    [null, 'bf16', 2],
    [{ num_bits: 8, type: 'float' }, 'fp8', 1],
    [{ num_bits: 8, type: 'int' }, 'int8', 1],
  ] as const)('%j is in %s', (scheme, format, bytes) => {
    for (const key of ['kv_cache_quant_algo', 'kv_cache_scheme']) {
      const { model } = read(dense, undefined, modelopt({ [key]: scheme })).entry;
      expect(model.precision.kv).toBe(format);
      expect(modelCache(model).perRequest.evaluate(32768)).toBe(32768 * elements * bytes);
    }
  });
  it('has another format where one asks for it', () => expect(modelCache(read(dense, undefined, modelopt({ kv_cache_quant_algo: 'FP8' })).entry.model, { kv: 'bf16' }).perToken).toBe(2 * elements));
  it.each([
    ['kv_cache_quant_algo', 'FP7'],
    ['kv_cache_quant_algo', 7],
    ['kv_cache_scheme', { num_bits: 4 }],
    ['kv_cache_scheme', []],
  ])('%s %j is refused', (key, value) =>
    expect(() => read(dense, undefined, modelopt({ [key]: value }))).toThrow(/^config hf_quant_config: quantization\.kv_cache_(scheme|quant_algo) .* is not (8 bit|one of FP8, INT8, NVFP4)$/),
  );
});

describe('recurrent states', () => {
  const hybrid: Config = examples.qwen3_5_text;
  const elements = 6 * 8 * 32 * 16;
  const conv = 6 * 3 * (2 * 4 * 32 + 8 * 16) * 2;

  it.each([
    ['float32', 'fp32', 4],
    ['bfloat16', 'bf16', 2],
    ['float16', 'fp16', 2],
    ['auto', 'fp32', 4],
  ] as const)('are kept in %s as %s; the inputs of a convolution in 16 bit', (dtype, format, bytes) => {
    for (const key of ['mamba_ssm_dtype', 'mamba_ssm_cache_dtype']) {
      const { model } = read({ ...hybrid, mamba_ssm_dtype: null, [key]: dtype }).entry;
      expect(model.precision.state).toBe(format);
      expect(modelCache(model).state).toBe(elements * bytes + conv);
    }
  });
  it('are refused in another', () => expect(() => read({ ...hybrid, mamba_ssm_dtype: 'int8' })).toThrow('config qwen3_5_text: mamba_ssm_dtype "int8" is not one of float32, bfloat16, float16, auto'));
});

describe('an unknown method', () => {
  it.each(['bitsandbytes', 'quark', 'torchao', 'hqq', '', 7])('%j is refused by name', (quant_method) =>
    expect(() => read(dense, { quant_method })).toThrow(
      `config llama: quantization_config.quant_method ${JSON.stringify(quant_method)} is not one of fp8, fbgemm_fp8, mxfp4, awq, gptq, compressed-tensors, modelopt, modelopt_fp4`,
    ),
  );
  it('is refused where there is none', () => expect(() => read(dense, { bits: 4 })).toThrow('config llama: quantization_config.quant_method (absent) is missing'));
  it.each([7, 'fp8', [], true])('quantization_config %j is refused', (scheme) => expect(() => read(dense, scheme)).toThrow(/^config llama: quantization_config .* is not an object$/));
  it('of null is none', () => expect(policyOf(dense, null).weights).toBe('bf16'));
});
