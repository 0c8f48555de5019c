import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importConfig, modelTypes } from '../../../src/models/huggingface/index.ts';
import { nearest } from '../../../src/units/nearest.ts';
import { type Config, type ExampleName, exampleNames, examples } from './configs.ts';
import { keyOf, outcome, type Path, pathsOf, textOf, valueAt, without, withValue, wrongNumbers } from './mutate.ts';

const isMessage = (read: ReturnType<typeof outcome>): read is string => typeof read === 'string';
const ONE_LINE = /^config[^\n\r]*$/;

describe.each(exampleNames)('%s', (name) => {
  const config: Config = examples[name];
  const family = config.model_type as string;
  const sections = ['', ...pathsOf(config).flatMap((path) => (isSection(valueAt(config, path)) ? [textOf(path)] : []))];

  it.each(sections)('refuses an unknown key in "%s", unless it is ignored by name or by path', (section) => {
    const path = section === '' ? 'zz_unknown' : `${section}.zz_unknown`;
    const odd = withValue(config, [...partsOf(section), 'zz_unknown'], 7);
    const message = outcome(odd);
    expect(message).toMatch(ONE_LINE);
    expect(message).toContain(`config ${family}: ${path} 7 is not understood`);
    for (const ignored of ['zz_unknown', path]) expect(outcome(odd, [ignored])).toEqual(outcome(config));
    expect(outcome(odd, ['zz_other', `other.${path}`])).toBe(message);
  });

  it('takes an unknown key without a value', () => {
    const { entry, ignored } = importConfig({ ...config, zz_unknown: null });
    expect(entry.model).toEqual(outcome(config));
    expect(ignored).toEqual(['zz_unknown']);
  });
});

function isSection(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
const partsOf = (text: string): Path => (text === '' ? [] : text.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : [/^\d+$/.test(part) ? Number(part) : part])));

/** What the absence of a key means, where a config without it is read: the value that its class takes. `null`: there is none. */
const ABSENT: Readonly<Record<string, unknown>> = {
  torch_dtype: 'bfloat16',
  tie_word_embeddings: false,
  max_position_embeddings: null,
};

const TIED = { tie_word_embeddings: true };
const GEMMA = {
  ...TIED,
  vocab_size: 256000,
  intermediate_size: 24576,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 16,
  head_dim: 256,
  max_position_embeddings: 8192,
};
const GEMMA2 = { ...GEMMA, intermediate_size: 9216, num_hidden_layers: 26, num_attention_heads: 8, num_key_value_heads: 4, sliding_window: 4096 };
const GEMMA3 = { ...GEMMA2, vocab_size: 262208, max_position_embeddings: 131072, sliding_window_pattern: 6 };
const { sliding_window_pattern: _pattern, ...gemma3 } = GEMMA3;
const GEMMA4 = {
  ...gemma3,
  vocab_size: 262144,
  num_hidden_layers: 30,
  sliding_window: 512,
  global_head_dim: 512,
  num_global_key_value_heads: null,
  attention_k_eq_v: false,
};
const QWEN_MOE = { decoder_sparse_step: 1, mlp_only_layers: [] };
const NEXT_PREDICT = { num_nextn_predict_layers: 0 };
const HYBRID = { mtp_num_hidden_layers: 0, mamba_ssm_dtype: 'float32' };
const VISION = { vision_config: null };
const inside = (section: string, keys: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${section}.${key}`, value]));
const inText = (keys: Readonly<Record<string, unknown>>, type: string) => inside('text_config', { ...ABSENT, model_type: type, ...keys });

/** The same, where a family differs; the keys that are not named here must be there. `undefined`: the key must be there after all. */
const ABSENT_OF: Readonly<Partial<Record<ExampleName, Readonly<Record<string, unknown>>>>> = {
  // hidden_size 256 over 8 heads
  mistral: { head_dim: 32 },
  ministral3: { head_dim: 128 },
  qwen2: { use_sliding_window: false },
  qwen2_5_vl_text: { use_sliding_window: false },
  'Qwen3-32B': { head_dim: 128, use_sliding_window: false },
  qwen3_vl_text: { head_dim: 128 },
  'Phi-3-mini': { sliding_window: null },
  glm4: { head_dim: 128 },
  exaone4: { sliding_window: 4096, sliding_window_pattern: 4 },
  cohere2: { ...TIED, sliding_window: 4096, sliding_window_pattern: 4 },
  starcoder2: { ...TIED, sliding_window: null },
  ernie4_5: { ...TIED, head_dim: 128 },
  hunyuan_v1_dense: { head_dim: 32 },
  phimoe: { max_position_embeddings: undefined, sliding_window: null },
  qwen2_moe: QWEN_MOE,
  qwen3_vl_moe_text: QWEN_MOE,
  'Qwen3-Next-80B-A3B': { shared_expert_intermediate_size: 512 },
  qwen3_5_text: HYBRID,
  qwen3_5_moe_text: { ...HYBRID, shared_expert_intermediate_size: 512 },
  'DeepSeek-V3': NEXT_PREDICT,
  'Kimi-K2': NEXT_PREDICT,
  'DeepSeek-V3.2': NEXT_PREDICT,
  'GLM-5': NEXT_PREDICT,
  'GLM-5.2': { ...NEXT_PREDICT, index_topk_freq: 1, index_skip_topk_offset: 2 },
  'DeepSeek-V4-Flash': { ...NEXT_PREDICT, num_key_value_heads: 1 },
  'GLM-4.5': NEXT_PREDICT,
  // each of the two says the same as the other
  glm4_moe_lite: { first_k_dense_replace: 1, mlp_layer_types: null },
  'Llama-4-Maverick text': { no_rope_layer_interval: 4 },
  'gpt-oss-120b': { layer_types: null },
  'Gemma-7B': GEMMA,
  'gemma-2-27b': { ...GEMMA2, num_attention_heads: undefined },
  'gemma-3-27b text': { ...GEMMA3, num_attention_heads: undefined },
  gemma4_text: GEMMA4,
  'MiniMax-M2': { attn_type_list: null },
  'ERNIE-4.5-21B-A3B': { ...TIED, moe_layer_end_index: -1, moe_layer_interval: 1 },
  'Step-3 text': { num_attention_groups: 1, max_position_embedding: null },
  'Step-3.5-Flash': { 'attention_other_setting.attention_type': 'sliding_attention' },
  step3p7_text: { 'attention_other_setting.attention_type': 'sliding_attention' },
  'Hunyuan-Large': { use_cla: false, num_shared_expert: 1 },
  // as wide as a dense layer
  hunyuan_v1_moe: { head_dim: 32, moe_intermediate_size: 768, num_shared_expert: 1 },
  'Nemotron-3-Nano-30B-A3B': { num_hidden_layers: 52, head_dim: 128, mamba_ssm_cache_dtype: 'float32' },
  'nemotron_h by words': { ...NEXT_PREDICT, num_hidden_layers: 8, attention_head_dim: 128, moe_latent_size: null, mtp_hybrid_override_pattern: '*E' },
  'OPT-13B': { ...TIED, max_position_embeddings: undefined },
  'GPT-2': { ...TIED, n_inner: 4 * 768 },
  'BLOOM-176B': { ...TIED, seq_length: null },
  llama4: { ...VISION, ...inText({ no_rope_layer_interval: 4 }, 'llama4_text') },
  'gemma-3-27b': { ...VISION, ...inText({ ...GEMMA3, num_attention_heads: undefined }, 'gemma3_text') },
  gemma4: {
    ...VISION,
    ...TIED,
    ...inside('text_config', GEMMA4),
    ...inside('vision_config', { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 16, num_attention_heads: 12, head_dim: 64, position_embedding_size: 10240 }),
  },
  qwen2_5_vl: { ...VISION, ...inText({}, 'qwen2_5_vl_text'), 'vision_config.temporal_patch_size': 2 },
  qwen3_vl: { ...VISION, ...inText({ head_dim: 128 }, 'qwen3_vl_text'), 'vision_config.deepstack_visual_indexes': [8, 16, 24] },
  qwen3_vl_moe: { ...VISION, ...inText(QWEN_MOE, 'qwen3_vl_moe_text'), 'vision_config.deepstack_visual_indexes': [8, 16, 24] },
  // the encoder has no deep-stack mergers, whatever the key says
  qwen3_5: { ...VISION, ...inText(HYBRID, 'qwen3_5_text'), 'vision_config.deepstack_visual_indexes': [] },
  qwen3_5_moe: { ...VISION, ...inText({ ...HYBRID, shared_expert_intermediate_size: 512 }, 'qwen3_5_moe_text'), 'vision_config.deepstack_visual_indexes': [] },
  mistral3: {
    spatial_merge_size: 2,
    ...inText({}, 'mistral'),
    ...inside('vision_config', { hidden_size: 1024, intermediate_size: 4096, num_hidden_layers: 24, num_attention_heads: 16 }),
  },
  'Step-3': { ...VISION, ...inText({ num_attention_groups: 1, max_position_embedding: null }, 'step3_text') },
  internvl_chat: { downsample_ratio: 0.5, ...inside('llm_config', { ...ABSENT, model_type: 'internlm2' }) },
  minicpmv: { use_sliding_window: false },
  'Kimi-K3 text, small': { mla_use_output_gate: false, 'linear_attn_config.use_full_rank_gate': false, routed_expert_hidden_size: null },
  step3p7: inText({ 'attention_other_setting.attention_type': 'sliding_attention' }, 'step3p7_text'),
  kimi_k3: inText({ mla_use_output_gate: false, 'linear_attn_config.use_full_rank_gate': false, routed_expert_hidden_size: null }, 'kimi_linear'),
  kimi_k25: { ...VISION, ...inText({}, 'kimi_k2'), 'vision_config.merge_kernel_size': [2, 2] },
};

/** Keys with another name: an error about the absent one names the other, or the key that has no meaning without it. */
const OTHER_NAME: Readonly<Record<string, string>> = {
  moe_k: 'num_experts_per_tok',
  num_attention_groups: 'num_key_value_heads',
  conv_kernel: 'mamba_d_conv',
  n_positions: 'n_ctx',
  layers_block_type: 'hybrid_override_pattern',
  vt_hidden_size: 'hidden_size',
  vt_intermediate_size: 'intermediate_size',
  vt_num_hidden_layers: 'num_hidden_layers',
  'layer_types of qwen3_5_text': 'full_attention_interval',
  'layer_types of qwen3_5_moe_text': 'full_attention_interval',
  'layer_types of qwen3_5': 'full_attention_interval',
  'layer_types of qwen3_5_moe': 'full_attention_interval',
  'layer_types of minimax': 'attn_type_list',
  'intermediate_size of nemotron-nas': 'ffn_mult',
  'vision_config of mistral3': 'spatial_merge_size',
  'vision_config of internvl_chat': 'downsample_ratio',
  'vision_config of minicpmv': 'query_num',
  // Gemma classes have 8 query heads, which do not divide by the key-value heads of the file.
  'num_attention_heads of gemma2': 'queryHeads 8|num_attention_heads',
  'num_attention_heads of gemma3_text': 'queryHeads 8|num_attention_heads',
  'num_attention_heads of gemma3': 'queryHeads 8|num_attention_heads',
};

describe.each(exampleNames)('%s without one key', (name) => {
  const config: Config = examples[name];
  const absent: Readonly<Record<string, unknown>> = { ...ABSENT, ...ABSENT_OF[name] };
  const paths = pathsOf(config).filter((path) => textOf(path) !== 'model_type');
  const mustBeThere = paths.filter((path) => absent[textOf(path)] === undefined);
  const mayBeAbsent = paths.filter((path) => absent[textOf(path)] !== undefined);

  it('is refused by name where the key must be there', () => {
    for (const path of mustBeThere) {
      const message = outcome(without(config, path));
      const key = keyOf(path);
      expect(message, textOf(path)).toBeTypeOf('string');
      expect(message, textOf(path)).toMatch(new RegExp(OTHER_NAME[`${key} of ${config.model_type}`] ?? `${key}|${OTHER_NAME[key] ?? key}`));
    }
  });

  it('means the default of its class, or is refused by name', () => {
    const wrong = mayBeAbsent.filter((path) => {
      const read = outcome(without(config, path));
      return isMessage(read) ? !read.includes(keyOf(path)) : !isDeepStrictEqual(read, outcome(withValue(config, path, absent[textOf(path)])));
    });
    expect(wrong.map(textOf)).toEqual([]);
  });

  it('has no default listed that is not read', () => {
    const known = new Set(paths.map(textOf));
    expect(Object.keys(ABSENT_OF[name] ?? {}).filter((text) => !known.has(text) && !Object.hasOwn(ABSENT, text.split('.').at(-1) as string))).toEqual([]);
  });
});

/** Values of a wrong type or size that a key takes all the same, because they mean something. */
const TAKES: Readonly<Record<string, readonly unknown[]>> = {
  max_window_layers: [0],
  shared_expert_intermediate_size: [0],
  mtp_num_hidden_layers: [0],
  first_k_dense_replace: [0],
  n_shared_experts: [0],
  num_shared_experts: [0],
  num_nextn_predict_layers: [0],
  hidden_size_per_layer_input: [0],
  moe_num_shared_experts: [0],
  moe_layer_start_index: [0],
  moe_layer_end_index: [0, -1],
  mlp_only_layers: [[]],
  moe_layers_enum: ['32', []],
  deepstack_visual_indexes: [[]],
  ffn_mult: [32.5],
};
const WRONG: readonly unknown[] = ['32', 32.5, -1, 0, true, [], {}, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 2 ** 60];

it.each(exampleNames)('%s refuses values of a wrong type by the name of their key', (name) => {
  const config: Config = examples[name];
  // The encoder of Qwen3.5 reads no deep-stack layers.
  const takes = (path: Path, value: unknown): boolean =>
    [...(TAKES[keyOf(path)] ?? []), ...(typeof valueAt(config, path) === 'boolean' ? [true] : [])].some((each) => isDeepStrictEqual(each, value)) ||
    (keyOf(path) === 'deepstack_visual_indexes' && name.startsWith('qwen3_5'));
  const tried = pathsOf(config).flatMap((path) =>
    textOf(path) === 'model_type' ? [] : WRONG.flatMap((value) => (takes(path, value) ? [] : [{ path, value, read: outcome(withValue(config, path, value)) }])),
  );
  const wrong = tried.filter(({ path, read }) => !isMessage(read) || !ONE_LINE.test(read) || !nameIn(path).test(read));
  expect(tried.length).toBeGreaterThan(50);
  expect(wrong.map(({ path, value, read }) => `${textOf(path)} ${String(JSON.stringify(value))}: ${isMessage(read) ? read : 'is read'}`)).toEqual([]);
});

/** What an error about a value may name: its key, or for an item of a list the list. */
const nameIn = (path: Path): RegExp => new RegExp(`\\b(${keyOf(path)}|${ALSO[keyOf(path)] ?? keyOf(path)})\\b`);
const ALSO: Readonly<Record<string, string>> = { index_skip_topk_offset: 'indexer_types', layers_block_type: 'num_hidden_layers' };

/** Keys of which a list has one entry for each layer, and those whose longer lists are cut, since published ones name prediction heads at their end. */
const PER_LAYER = [
  'layer_types',
  'mlp_layer_types',
  'attn_type_list',
  'hybrid_layer_pattern',
  'moe_layer_freq',
  'layers_block_type',
  'block_configs',
  'moe_intermediate_size',
  'num_experts',
  'moe_topk',
  'num_shared_expert',
  'kda_layers',
  'full_attn_layers',
  'compress_ratios',
];
const CUT: readonly string[] = ['step3p5', 'step3p7_text', 'step3p7', 'deepseek_v4'];
const numberOfLayers = (config: Config): number | undefined => (config.num_hidden_layers ?? (config.text_config as Config | undefined)?.num_hidden_layers) as number | undefined;
const SUM = { layers_block_type: 'num_hidden_layers', kda_layers: 'full_attn_layers' } as const;

describe('lists with an entry for each layer', () => {
  const lists = exampleNames.flatMap((name) =>
    pathsOf(examples[name]).flatMap((path) => {
      const value = valueAt(examples[name], path);
      return PER_LAYER.includes(keyOf(path)) && Array.isArray(value) ? [{ name, path, key: keyOf(path), text: textOf(path), list: value as readonly unknown[] }] : [];
    }),
  );
  const named = (key: string): RegExp => new RegExp(`^config[^\n]*\\b(${key}|${SUM[key as keyof typeof SUM] ?? key})\\b`);

  it('are tried under every name', () => expect([...new Set(lists.map(({ key }) => key))].sort()).toEqual([...PER_LAYER].sort()));
  it.each(lists)('$name $text: one entry too few', ({ name, path, key, list }) => {
    const config: Config = examples[name];
    const more = list.length - (numberOfLayers(config) ?? list.length);
    const message = outcome(withValue(config, path, list.slice(0, -1 - Math.max(more, 0))));
    expect(message).toMatch(named(key));
  });
  it.each(lists)('$name $text: one entry too many', ({ name, path, key, list }) => {
    const config: Config = examples[name];
    const read = outcome(withValue(config, path, [...list, list.at(-1)]));
    if (['layer_types', 'compress_ratios'].includes(key) && CUT.includes(config.model_type as string)) expect(read).toEqual(outcome(config));
    else expect(read).toMatch(named(key));
  });
  it.each(lists)('$name $text: an entry of another kind', ({ name, path, key, list }) => {
    for (const odd of ['other', 7.5, -1, null]) {
      const message = outcome(withValue(examples[name], path, [odd, ...list.slice(1)]));
      expect(message).toMatch(named(key));
    }
  });

  const nano = examples['Nemotron-3-Nano-30B-A3B'];
  it.each([
    ['one letter too few', nano.hybrid_override_pattern.slice(1), /num_hidden_layers 52 is not the length of the pattern, 51$/],
    ['one letter too many', `${nano.hybrid_override_pattern}M`, /num_hidden_layers 52 is not the length of the pattern, 53$/],
    ['another letter', `${nano.hybrid_override_pattern.slice(1)}|`, /hybrid_override_pattern "\|" is not one of M, \*, E, -$/],
    ['no letter', '', /hybrid_override_pattern "" is not a text of M, \*, E and -$/],
  ])('a pattern of letters: %s', (_, pattern, message) => expect(outcome({ ...nano, hybrid_override_pattern: pattern })).toMatch(message));

  const glm = examples['GLM-5'];
  it.each([
    ['indexer_types', Array(78).fill('shared'), /indexer_types "shared" is not full in the first layer/],
    ['indexer_types', Array(77).fill('full'), /indexer_types of 77 entries does not have 78$/],
    ['index_topk_pattern', 'F'.repeat(77), /index_topk_pattern "F+\.\.\. is not 78 letters F or S$/],
    ['index_topk_pattern', `S${'F'.repeat(77)}`, /is not full in the first layer/],
    ['mlp_layer_types', Array(78).fill('sparse'), /mlp_layer_types 0 dense layers contradict first_k_dense_replace 3$/],
  ])('%s of GLM-5', (key, value, message) => expect(outcome({ ...glm, [key]: value })).toMatch(message));
});

describe('a config that is none', () => {
  it.each([
    [null, 'config: file null is not an object'],
    [[], 'config: file [] is not an object'],
    ['{}', 'config: file "{}" is not an object'],
    [7, 'config: file 7 is not an object'],
    [undefined, 'config: file undefined is not an object'],
  ])('%j', (config, message) => expect(outcome(config)).toBe(message));

  it.each([
    [undefined, /^config: model_type \(absent\) is not a text/],
    [null, /^config: model_type null is not a text/],
    [7, /^config: model_type 7 is not a text/],
    [['llama'], /^config: model_type \["llama"\] is not a text/],
  ])('with model_type %j', (type, message) => expect(outcome({ ...examples['Llama-3.1-8B'], model_type: type })).toMatch(message));
  it('without model_type', () => expect(outcome(without(examples['Llama-3.1-8B'], ['model_type']))).toMatch(/^config: model_type \(absent\) is not a text/));

  it.each(['qwen9', 'lama', 'deepseek_v', 'toString', '__proto__', 'constructor', '', 'x\ny', 'z'.repeat(1e5)])('of an unknown model_type: %.20j', (type) => {
    const message = outcome({ ...examples['Llama-3.1-8B'], model_type: type }) as string;
    expect(message).toMatch(ONE_LINE);
    expect(message).toMatch(/ is unknown; nearest: /);
    expect(message.split('nearest: ')[1]).toBe(nearest(type.slice(0, 60), modelTypes).join(', '));
    expect(message.length).toBeLessThan(300);
  });
  it('suggests what was meant', () => {
    expect(outcome({ model_type: 'qwen4' })).toContain('qwen3');
    expect(outcome({ model_type: 'lama' })).toContain('llama');
  });

  it('that nests deeper than 12 levels', () => {
    const nested = (levels: number): Config => Array.from({ length: levels }).reduce<Config>((inner) => ({ inner }), {});
    expect(outcome({ ...examples['Llama-3.1-8B'], rope_scaling: nested(10) })).not.toBeTypeOf('string');
    expect(outcome({ ...examples['Llama-3.1-8B'], rope_scaling: nested(11) })).toBe('config: file nests deeper than 12 levels');
    expect(outcome(nested(100_000))).toBe('config: file nests deeper than 12 levels');
  });
  it('with more than 100,000 values', () => expect(outcome({ ...examples['Llama-3.1-8B'], id2label: Array(1e5).fill(0) })).toBe('config: file has more than 100000 values'));
});

describe('hostile names', () => {
  const read = (key: string): ReturnType<typeof outcome> => outcome(JSON.parse(JSON.stringify(examples['Llama-3.1-8B']).replace('{', `{"${key}":{"hidden_size":1},`)));
  const base = outcome(examples['Llama-3.1-8B']);

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'])('%s is a key like another', (key) => {
    expect(read(key)).toContain(`config llama: ${key} {"hidden_size":1} is not understood`);
    expect(outcome(JSON.parse(`{"${key}":7}`))).toMatch(/^config: model_type \(absent\)/);
    expect(outcome(JSON.parse(JSON.stringify(examples['Llama-3.1-8B']).replace('{', `{"${key}":7,`)), [key])).toEqual(base);
  });
  it('a required key is not found on a prototype', () => {
    const inherited = Object.assign(Object.create({ hidden_size: 4096 }) as object, without(examples['Llama-3.1-8B'], ['hidden_size']));
    expect(outcome(inherited)).toBe('config llama: hidden_size (absent) is missing');
  });
  it('no lookup reaches a name that every object has', () => {
    for (const word of ['constructor', 'toString', '__proto__']) {
      expect(outcome({ ...examples['Llama-3.1-8B'], torch_dtype: word })).toMatch(/^config llama: torch_dtype "\w+" is not one of /);
      expect(outcome({ ...examples['nemotron_h by words'], layers_block_type: Array(8).fill(word) })).toMatch(/^config nemotron_h: layers_block_type\[0\] "\w+" is not one of /);
      expect(outcome({ ...examples['Llama-3.1-8B'], quantization_config: { quant_method: word } })).toMatch(/^config llama: quantization_config\.quant_method "\w+" is not one of /);
    }
  });
  it('an error stays one line, whatever the key and the value hold', () => {
    for (const odd of ['a\nb', 'a\r\nb', 'a\u2028b', 'a\u0007b'])
      for (const config of [
        { ...examples['Llama-3.1-8B'], [odd]: 1 },
        { ...examples['Llama-3.1-8B'], zz: odd },
        { ...examples['Llama-3.1-8B'], torch_dtype: odd },
        { ...examples['Step-3 text'], moe_layers_enum: odd },
        { ...examples['Llama-3.1-8B'], quantization_config: { quant_algo: 'MIXED_PRECISION', quantized_layers: { [odd]: {} } } },
      ])
        expect(outcome(config)).toMatch(/^config [^\n\r\u2028]*$/);
  });
  it('an error stays short, however long the value', () => {
    expect((outcome({ ...examples['Llama-3.1-8B'], zz: 'z'.repeat(1e6) }) as string).length).toBeLessThan(300);
    expect((outcome({ ...examples['Llama-3.1-8B'], ['z'.repeat(1e5)]: 1 }) as string).length).toBeLessThan(300);
  });
});

describe('a size that contradicts another', () => {
  it.each([
    ['Llama-3.1-8B', { num_key_value_heads: 5 }, 'num_key_value_heads'],
    ['Llama-3.1-8B', { num_attention_heads: 33 }, 'hidden_size'],
    ['Mixtral-8x7B', { num_experts_per_tok: 9 }, 'num_experts_per_tok'],
    ['qwen3_5_text', { linear_num_key_heads: 3 }, 'linear_num_key_heads'],
    ['Nemotron-3-Nano-30B-A3B', { n_groups: 7 }, 'n_groups'],
    ['nemotron_h by words', { layers_block_type: [], num_hidden_layers: null }, 'layers_block_type'],
    ['GPT-2', { n_head: 7 }, 'n_head'],
    ['BLOOM-176B', { n_head: 9 }, 'n_head'],
    ['Llama-3.1-8B', { hidden_size: 2 ** 31 + 32 }, 'hidden_size'],
  ] as const)('%s %j is refused in the words of the config', (name, change, key) => {
    const message = outcome({ ...examples[name], ...change });
    expect(message).toMatch(ONE_LINE);
    expect(message).toMatch(new RegExp(`\\b${key}\\b`));
  });

  it.each([
    ['deepseek_v2', { use_mla: false }],
    ['DeepSeek-V3', { index_topk: 2048 }],
    ['DeepSeek-V3', { moe_layer_freq: 2 }],
    ['DeepSeek-V3', { n_routed_experts: null }],
    ['DeepSeek-V3.2', { q_lora_rank: null }],
    ['DeepSeek-V3.2', { num_experts: 128 }],
    ['Qwen3-235B-A22B', { use_sliding_window: true }],
    ['Qwen3-235B-A22B', { mlp_only_layers: [94] }],
    ['Qwen3-Next-80B-A3B', { attn_output_gate: false }],
    ['qwen3_5_text', { mtp_use_dedicated_embeddings: true }],
    ['qwen3_5_text', { mlp_only_layers: [1] }],
    ['Llama-4-Maverick text', { no_rope_layers: [1, 0] }],
    ['Llama-4-Maverick text', { moe_layers: [48] }],
    ['Gemma-7B', { use_bidirectional_attention: true }],
    ['Gemma-7B', { sliding_window: 4096 }],
    ['gemma4_text', { per_layer_config: {} }],
    ['gemma4_text', { num_kv_shared_layers: 2 }],
    ['gemma4_text', { enable_moe_block: false }],
    ['MiniMax-M1', { shared_intermediate_size: 64 }],
    ['MiniMax-M1', { sliding_window: 4096 }],
    ['MiniMax-M2', { shared_intermediate_size: 64 }],
    ['MiniMax-M2', { attn_type_list: Array(62).fill(0) }],
    ['Pangu-Pro-MoE', { mlp_only_layers: [0] }],
    ['Step-3 text', { num_attention_groups: 2 }],
    ['Step-3 text', { moe_layers_enum: '4,61' }],
    ['Step-3 text', { moe_layers_enum: '4,,5' }],
    ['Hunyuan-Large', { use_mla: true }],
    ['Hunyuan-Large', { mamba: true }],
    ['Hunyuan-Large', { moe_layer_num_skipped: 1 }],
    ['hunyuan_v1_moe', { moe_topk: [4, 4, 4, 4, 4, 2] }],
    ['hunyuan_v1_dense', { use_cla: true }],
    ['Kimi-Linear-48B-A3B', { num_nextn_predict_layers: 1 }],
    ['Kimi-Linear-48B-A3B', { moe_layer_freq: 2 }],
    ['Nemotron-3-Nano-30B-A3B', { sliding_window: 4096 }],
    ['Nemotron-3-Nano-30B-A3B', { mamba_proj_bias: true }],
    ['Nemotron-3-Nano-30B-A3B', { n_shared_experts: 2 }],
    ['Nemotron-3-Nano-30B-A3B', { attention_head_dim: 64 }],
    ['nemotron_h by words', { mtp_hybrid_override_pattern: 7 }],
    ['nemotron-nas', { num_key_value_heads: 8 }],
    ['MiMo-V2-Flash', { n_shared_experts: 1 }],
    ['MiMo-V2-Flash', { sliding_window_size: 256 }],
    ['OPT-13B', { word_embed_proj_dim: 512 }],
    ['GPT-2', { add_cross_attention: true }],
    ['qwen3_vl', { audio_config: {} }],
    ['internvl_chat', { downsample_ratio: 0 }],
    ['minicpmv', { drop_vision_last_layer: true }],
    ['mistral3', { vision_feature_layer: [-1, -2] }],
    // Keys that say the same as another one, or at one value what the family takes for granted.
    ['Step-3 text', { use_moe: false }],
    ['Step-3 text', { num_key_value_heads: 8 }],
    ['Step-3.5-Flash', { use_moe: false }],
    ['Step-3.5-Flash', { sink: true }],
    ['phimoe', { num_experts: 8 }],
    ['gpt-oss-120b', { experts_per_token: 2 }],
    ['Pangu-Pro-MoE', { use_sliding_window: true }],
    ['MiniMax-M2', { sliding_window: 4096 }],
    ['DeepSeek-V4-Flash', { index_topk_freq: 2 }],
    ['MiMo-V2-Flash', { attention_chunk_size: 256 }],
    ['Hunyuan-Large', { attention_head_dim: 64, head_dim: 80 }],
    ['hunyuan_v1_dense', { attention_head_dim: 32 }],
    ['cohere2', { layer_switch: 3 }],
    ['cohere2', { use_gated_activation: false }],
    ['starcoder2', { mlp_type: 'gated' }],
    ['gemma-2-27b', { sliding_window_size: 128 }],
    ['internvl_chat', { use_llm_lora: 16 }],
    // In these classes null is no window, which their pattern of windows needs.
    ['exaone4', { sliding_window: null }],
    ['cohere2', { sliding_window: null }],
    ['gemma-2-27b', { sliding_window: null }],
    ['gemma-3-27b text', { sliding_window: null }],
    ['gemma4_text', { sliding_window: null }],
  ] as const)('%s refuses %j', (name, change) => {
    const message = outcome({ ...examples[name], ...change });
    expect(message).toMatch(ONE_LINE);
    expect(message).toMatch(new RegExp(`config ${examples[name].model_type}: (${Object.keys(change)[0]}|num_experts)\\b`));
  });
});

it('reads the period of Gemma 3 under either of its names', () => {
  const { sliding_window_pattern: _, layer_types: __, ...rest }: Config = examples['gemma-3-27b text'];
  const groups = (config: object): unknown => importConfig(config).entry.model.layers.map(({ count, attention }) => [count, attention.kind]);
  expect(groups({ ...rest, _sliding_window_pattern: 3 })).toEqual(groups({ ...rest, sliding_window_pattern: 3 }));
  expect(groups({ ...rest, _sliding_window_pattern: 3 })).not.toEqual(groups(rest));
});

describe('a window of null is no window', () => {
  it.each(['mistral', 'ministral'] as const)('%s', (name) => {
    const read = outcome({ ...examples[name], sliding_window: null });
    expect(read).toMatchObject({ layers: [{ count: 6, attention: { kind: 'gqa' } }] });
  });
  it('Llama 4 attends everything without chunks', () =>
    expect(outcome({ ...examples['Llama-4-Maverick text'], attention_chunk_size: null })).toMatchObject({ layers: [{ attention: { kind: 'gqa' } }, { attention: { kind: 'gqa' } }] }));
});

const anyName = fc.constantFrom(...exampleNames);
const anyKey = fc.constantFrom('sliding_window', 'layer_types', 'head_dim', 'num_experts', 'quantization_config', 'vision_config', 'text_config', 'n_shared_experts', 'use_cla', 'index_topk', 'zz');
const anyValue = fc.oneof(fc.constantFrom<unknown>(0, 1, 2, 3, 7, 64, 4096, 2 ** 20, 2 ** 31, 2 ** 53, -1, 0.5, true, false, null, '', 'full_attention'), fc.jsonValue({ maxDepth: 2 }));
const mutation = fc.record({ kind: fc.constantFrom('delete', 'replace', 'add'), where: fc.nat(), key: anyKey, value: anyValue });

function mutated(config: Config, { kind, where, key, value }: { readonly kind: string; readonly where: number; readonly key: string; readonly value: unknown }): Config {
  const paths = pathsOf(config).filter((path) => textOf(path) !== 'model_type');
  const path = paths[where % paths.length];
  if (path === undefined) return withValue(config, [key], value);
  if (kind === 'delete') return without(config, path);
  return withValue(config, kind === 'add' ? [...path.slice(0, -1), typeof path.at(-1) === 'number' ? 0 : key] : path, value);
}

describe('for all mutations', () => {
  it('a config gives sound numbers, or an error of one line', () => {
    fc.assert(
      fc.property(anyName, fc.array(mutation, { minLength: 1, maxLength: 3 }), (name, mutations) => {
        const read = outcome(mutations.reduce<Config>(mutated, examples[name]));
        if (isMessage(read)) {
          expect(read).toMatch(/^(config|model config)[^\n\r]*$/);
          return;
        }
        try {
          expect(wrongNumbers(read)).toBeUndefined();
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          expect(error.message).not.toMatch(/[\n\r]/);
        }
      }),
      { numRuns: 600 },
    );
  });

  const SIZES =
    /^(vocab_size|.*intermediate_size(_mlp)?|ffn_dim|n_inner|share_expert_dim|share_q_dim|(global_|swa_)?head_dim|(swa_)?v_head_dim|kv_lora_rank|qk_(nope|rope)_head_dim|index_(n_heads|head_dim|topk)|linear_(key|value)_head_dim|.*conv_kernel.*|sliding_window|attention_chunk_size|(max_position_embeddings?|seq_length|n_positions)|ssm_state_size|mamba_head_dim|moe_latent_size)$/;
  const sizePaths = (config: Config): readonly Path[] =>
    pathsOf(config).filter(
      (path) => path[0] !== 'vision_config' && !(config.model_type === 'deepseek_v4' && keyOf(path) === 'head_dim') && SIZES.test(keyOf(path)) && typeof valueAt(config, path) === 'number',
    );

  it.each(exampleNames)('%s of any size gives sound numbers', (name) => {
    const paths = sizePaths(examples[name]);
    expect(paths.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 16 })), { minLength: paths.length, maxLength: paths.length }), (values) => {
        const read = outcome(paths.reduce<Config>((config, path, index) => withValue(config, path, values[index]), examples[name]));
        expect(isMessage(read) ? read : wrongNumbers(read)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});
