import { type Component, type Precision, type PrecisionPolicy, STORAGE_BITS, type StorageFormat } from '../../layers/precision.ts';
import { from, type Sourced, type SourcedTree } from '../../provenance/sourced.ts';
import { structure } from '../entry.ts';
import type { Keys, Origin } from './keys.ts';
import { componentOf, excludedComponents } from './modules.ts';

/** How the weights of linear layers are stored, in which format is multiplied, and which parts stay as they were. */
interface Scheme {
  readonly weights: StorageFormat;
  readonly math: Precision;
  /** parts that are multiplied in another format */
  readonly mathOf?: Readonly<Partial<Record<Component, Precision>>>;
  readonly kv?: StorageFormat;
  /** parts that are not quantised, or are stored otherwise */
  readonly parts: Readonly<Partial<Record<Component, StorageFormat>>>;
  readonly described: string;
}

const DTYPES = { bfloat16: 'bf16', float16: 'fp16', float32: 'fp32', 'torch.bfloat16': 'bf16', half: 'fp16' } as const satisfies Readonly<Record<string, Precision>>;

/** Weights that no scheme quantises unless it says so. */
const NEVER = ['embedding', 'head', 'router', 'vision'] as const satisfies readonly Component[];

/**
 * The formats of a config: `dtype` (or `torch_dtype`) for everything, changed by `quantization_config` for the linear layers that it
 * quantises. The KV cache is in 16 bit unless the config says otherwise, a recurrent state in 32 bit.
 * `expertFormat` is what a family states of its experts, where no scheme does.
 * `beside` is a `hf_quant_config.json` found beside the config; it goes before what the config says.
 */
export function precisionOf(all: readonly Keys[], beside: Keys | undefined, origin: Origin, expertFormat?: StorageFormat): SourcedTree<PrecisionPolicy> {
  const stored = dtypeOf(all);
  const dtype: Precision = stored === 'fp32' ? 'bf16' : stored;
  const [root] = all as [Keys];
  const sections = all.flatMap((keys) => keys.section('quantization_config') ?? []);
  if (beside) for (const section of sections) section.ignoreAll();
  const scheme = beside ? modeloptScheme(beside.required('quantization'), root, stored, sections[0]?.take('quant_method') === 'fp8') : sections[0] ? schemeOf(sections[0], root, stored) : null;
  if (stored === 'fp32') root.log.notes.push('weights are stored in FP32 and multiplied in BF16');
  const why = scheme === null ? `dtype ${stored}` : `quantization_config: ${scheme.described}`;
  const told = from({ kind: 'derived', from: `${why}, of ${origin.repo} ${origin.file}` });
  const math = scheme?.math ?? dtype;
  const parts: Partial<Record<Component, StorageFormat>> =
    scheme === null
      ? expertFormat === undefined
        ? {}
        : { experts: expertFormat }
      : { ...Object.fromEntries(NEVER.map((component) => [component, stored])), ...(expertFormat === undefined ? {} : { experts: expertFormat }), ...scheme.parts };
  const mathOf = (component: Component): Precision => scheme?.mathOf?.[component] ?? (parts[component] === stored ? dtype : math);
  return {
    id: structure('config'),
    weights: told(scheme?.weights ?? stored),
    ...(Object.keys(parts).length > 0 ? { weightsByComponent: told(parts) } : {}),
    activations: told(math === 'fp8' || math === 'int8' || math === 'fp4' ? math : dtype),
    kv: scheme?.kv === undefined ? from({ kind: 'assumed', because: 'the config does not say how the KV cache is stored: 16 bit' })(dtype) : told(scheme.kv),
    kvByKind: structure({}),
    state: stateOf(all),
    math: told({ attention: dtype, linear: mathOf('attention'), ffn: mathOf('experts'), head: mathOf('head') }),
  };
}

function dtypeOf(all: readonly Keys[]): Precision {
  for (const keys of all)
    for (const key of ['dtype', 'torch_dtype'])
      if (keys.has(key)) {
        const value = keys.choice(key, Object.keys(DTYPES) as (keyof typeof DTYPES)[]).value;
        return DTYPES[value];
      }
  all[0]?.log.defaults.push('dtype = bfloat16');
  return 'bf16';
}

/** The format of recurrent states: `mamba_ssm_cache_dtype` or `mamba_ssm_dtype`, else 32 bit. */
function stateOf(all: readonly Keys[]): Sourced<StorageFormat> {
  for (const keys of all)
    for (const key of ['mamba_ssm_cache_dtype', 'mamba_ssm_dtype'])
      if (keys.has(key)) {
        const { value, source } = keys.choice(key, ['float32', 'bfloat16', 'float16', 'auto'] as const);
        return { value: value === 'bfloat16' ? 'bf16' : value === 'float16' ? 'fp16' : 'fp32', source };
      }
  return from({ kind: 'assumed', because: 'recurrent states are kept in 32 bit unless a config says otherwise' })('fp32');
}

const METHODS = ['fp8', 'fbgemm_fp8', 'mxfp4', 'awq', 'gptq', 'compressed-tensors', 'modelopt', 'modelopt_fp4'] as const;

function schemeOf(keys: Keys, root: Keys, stored: StorageFormat): Scheme {
  if (keys.has('quant_algo') && (!keys.has('quant_method') || keys.take('quant_method') !== 'compressed-tensors')) return modeloptScheme(keys, root, stored);
  const method = keys.choice('quant_method', METHODS).value;
  switch (method) {
    case 'fp8':
    case 'fbgemm_fp8':
      return fp8Scheme(keys, root, stored);
    case 'mxfp4':
      return mxfp4Scheme(keys, root, stored);
    case 'awq':
    case 'gptq':
      return integerScheme(keys, method, root, stored);
    default:
      return groupScheme(keys, root, stored);
  }
}

function fp8Scheme(keys: Keys, root: Keys, stored: StorageFormat): Scheme {
  const block = keys.integers('weight_block_size', 2);
  if (block?.some((side) => side !== 128)) keys.fail('weight_block_size', block, 'is not 128 x 128');
  keys.only('fmt', ['e4m3', 'float8_e4m3fn'], 'is not e4m3');
  keys.ignore('activation_scheme', 'scale_fmt', 'activation_scale_ub', 'dequantize');
  const kv = kvScheme(keys);
  return { weights: block ? 'fp8-block128' : 'fp8', math: 'fp8', ...(kv === undefined ? {} : { kv }), parts: excluded(keys, root, stored), described: block ? 'FP8 in blocks of 128 x 128' : 'FP8' };
}

/** gpt-oss: only the experts are quantised, whatever else is excluded by name; activations stay in 16 bit. */
function mxfp4Scheme(keys: Keys, root: Keys, stored: StorageFormat): Scheme {
  const names = excludedNames(keys);
  keys.ignore('dequantize', 'use_cache');
  const parts: Partial<Record<Component, StorageFormat>> = { attention: stored, dense: stored, sharedExperts: stored };
  return { weights: 'mxfp4', math: 'bf16', parts: { ...parts, ...Object.fromEntries(excludedComponents(names, root).map((component) => [component, stored])) }, described: 'MXFP4 experts' };
}

function integerScheme(keys: Keys, method: string, root: Keys, stored: StorageFormat): Scheme {
  const bits = keys.size(keys.has('bits') ? 'bits' : 'w_bit').value;
  const group = keys.take(keys.has('group_size') ? 'group_size' : 'q_group_size');
  if (method === 'gptq' && keys.has('dynamic')) keys.fail('dynamic', keys.take('dynamic'), 'is not null: formats for single modules are not understood');
  keys.only('lm_head', [false], 'is not false');
  keys.ignore(
    'zero_point',
    'sym',
    'desc_act',
    'version',
    'backend',
    'static_groups',
    'true_sequential',
    'damp_percent',
    'model_name_or_path',
    'model_file_base_name',
    'is_marlin_format',
    'checkpoint_format',
    'quantizer',
    'meta',
    'do_fuse',
    'exllama_config',
    'tokenizer',
    'dataset',
    'batch_size',
    'block_name_to_quantize',
    'cache_block_outputs',
    'max_input_length',
    'module_name_preceding_first_block',
    'modules_in_block_to_quantize',
    'pad_token_id',
    'use_cuda_fp16',
    'use_exllama',
    'disable_exllama',
    'model_seqlen',
    'fuse_max_seq_len',
    'modules_to_fuse',
  );
  if (method === 'gptq') keys.ignore('autoround_version');
  const format = bits === 8 ? (group === 128 ? 'int8-g128' : group === -1 ? 'int8' : null) : bits === 4 ? (group === -1 ? 'int4' : `int4-g${String(group)}-zp`) : null;
  if (format === null || !Object.hasOwn(STORAGE_BITS, format)) return keys.fail(keys.has('bits') ? 'bits' : 'w_bit', bits, `with groups of ${String(group)} is not a format that is known`);
  return { weights: format as StorageFormat, math: 'bf16', parts: excluded(keys, root, stored), described: `${method.toUpperCase()}, INT${bits} in groups of ${String(group)}` };
}

/** compressed-tensors and newer ModelOpt: groups of modules, all of one format here. */
function groupScheme(keys: Keys, root: Keys, stored: StorageFormat): Scheme {
  const groups = keys.required('config_groups');
  const schemes = groups.names().map((name) => oneGroup(groups.required(name)));
  const [first] = schemes;
  if (first === undefined) return keys.fail('config_groups', '{}', 'is empty');
  if (schemes.some(({ weights, math }) => weights !== first.weights || math !== first.math))
    keys.fail('config_groups', schemes.map(({ weights }) => weights).join(', '), 'are groups of different formats, which is not understood');
  keys.ignore('format', 'quantization_status', 'global_compression_ratio', 'sparsity_config', 'transform_config', 'producer', 'version', 'quant_method', 'quant_algo');
  const kv = kvScheme(keys);
  return { ...first, ...(kv === undefined ? {} : { kv }), parts: excluded(keys, root, stored) };
}

function oneGroup(group: Keys): Pick<Scheme, 'weights' | 'math' | 'described'> {
  group.ignore('targets', 'output_activations', 'format');
  const weights = group.required('weights');
  const bits = weights.size('num_bits').value;
  const type = weights.choice('type', ['int', 'float']).value;
  const size = weights.optionalSize('group_size')?.value ?? null;
  const block = weights.integers('block_structure', 2);
  weights.ignore('strategy', 'dynamic', 'symmetric', 'actorder', 'observer', 'observer_kwargs', 'block_structure', 'zp_dtype', 'scale_dtype');
  const asymmetric = weights.take('symmetric') === false;
  const inputs = group.section('input_activations');
  inputs?.ignore('dynamic', 'group_size', 'num_bits', 'observer', 'observer_kwargs', 'strategy', 'symmetric', 'type', 'actorder', 'block_structure', 'zp_dtype', 'scale_dtype');
  const inputBits = inputs?.size('num_bits').value ?? 16;
  const format = formatOf(bits, type, size, block !== undefined || weights.take('strategy') === 'block', asymmetric);
  if (format === null) return weights.fail('num_bits', bits, `of type ${type} in groups of ${String(size)} is not a format that is known`);
  const math: Precision = inputBits === 8 ? (type === 'int' && bits === 8 ? 'int8' : 'fp8') : inputBits === 4 ? 'fp4' : 'bf16';
  return { weights: format, math, described: `${type} ${bits} bit${size === null ? '' : ` in groups of ${size}`}, activations of ${inputBits} bit` };
}

function formatOf(bits: number, type: 'int' | 'float', group: number | null, block: boolean, asymmetric: boolean): StorageFormat | null {
  if (type === 'float' && bits === 8) return block ? 'fp8-block128' : group === 32 ? 'mxfp8' : group === null ? 'fp8' : null;
  if (type === 'float' && bits === 4) return group === 16 ? 'nvfp4' : group === 32 ? 'mxfp4' : null;
  if (bits === 8) return group === null ? 'int8' : group === 128 ? 'int8-g128' : null;
  const name = group === null ? 'int4' : `int4-g${group}${asymmetric ? '-zp' : ''}`;
  return bits === 4 && Object.hasOwn(STORAGE_BITS, name) ? (name as StorageFormat) : null;
}

type Algorithm = (typeof ALGORITHMS)[number];
const ALGORITHMS = ['FP8', 'NVFP4', 'W4A16_NVFP4', 'MXFP8', 'FP8_PB_WO', 'FP8_PER_CHANNEL_PER_TOKEN', 'W4A16_AWQ', 'W4A8_AWQ'] as const;
const BY_ALGORITHM: Readonly<Record<Algorithm, readonly [StorageFormat, Precision]>> = {
  FP8: ['fp8', 'fp8'],
  FP8_PER_CHANNEL_PER_TOKEN: ['fp8', 'fp8'],
  FP8_PB_WO: ['fp8-block128', 'bf16'],
  MXFP8: ['mxfp8', 'fp8'],
  NVFP4: ['nvfp4', 'fp4'],
  W4A16_NVFP4: ['nvfp4', 'bf16'],
  W4A16_AWQ: ['int4-g128', 'bf16'],
  W4A8_AWQ: ['int4-g128', 'fp8'],
};

/** `wasFp8`: the checkpoint was in FP8 before, and stays so where it is not quantised further. */
function modeloptScheme(keys: Keys, root: Keys, stored: StorageFormat, wasFp8 = keys.take('quant_method') === 'fp8'): Scheme {
  if (keys.take('quant_algo') === 'MIXED_PRECISION') return mixedScheme(keys, root, stored, wasFp8);
  const algorithm = keys.choice('quant_algo', ALGORITHMS).value;
  const [weights, math] = BY_ALGORITHM[algorithm];
  keys.ignore(
    'producer',
    'quant_method',
    'group_size',
    'has_zero_point',
    'pre_quant_scale',
    'config_groups',
    'version',
    'exclude_quant_config',
    'smoothquant_val',
    'weight_block_size',
    'activation_scheme',
    'fmt',
    'moe_quant_algo',
  );
  keys.only('moe_quant_algo', [], 'is not null: another algorithm for experts is not understood');
  const kv = kvScheme(keys);
  return { weights, math, ...(kv === undefined ? {} : { kv }), parts: excluded(keys, root, stored), described: `ModelOpt ${algorithm}` };
}

/** ModelOpt with an algorithm for each module: the commonest of each component; what is not named stays as it was. */
function mixedScheme(keys: Keys, root: Keys, stored: StorageFormat, wasFp8: boolean): Scheme {
  const modules = keys.required('quantized_layers');
  const named = new Map<Component, Map<Algorithm, number>>();
  for (const name of modules.names()) {
    const module = modules.required(name);
    module.ignore('group_size', 'awq_block_size', 'has_zero_point', 'pre_quant_scale');
    const algorithm = module.choice('quant_algo', ALGORITHMS).value;
    const component = componentOf(name);
    if (component === undefined) continue;
    const counts = named.get(component) ?? new Map<Algorithm, number>();
    named.set(component, counts.set(algorithm, (counts.get(algorithm) ?? 0) + 1));
  }
  if (named.size === 0) return keys.fail('quantized_layers', '{}', 'names no module');
  keys.ignore('quant_method', 'exclude_modules', 'producer', 'ignore', 'config_groups', 'group_size', 'version');
  const kv = kvScheme(keys);
  const chosen = [...named].map(([component, counts]) => {
    const [algorithm] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best));
    if (counts.size > 1) root.log.notes.push(`${component} weights are quantised in ${counts.size} ways, counted as ${algorithm}`);
    return [component, algorithm] as const;
  });
  keys.ignore('activation_scheme', 'fmt', 'weight_block_size', 'scale_fmt', 'moe_quant_algo');
  return {
    weights: wasFp8 ? 'fp8-block128' : stored,
    math: wasFp8 ? 'fp8' : stored === 'fp16' ? 'fp16' : 'bf16',
    parts: Object.fromEntries(chosen.map(([component, algorithm]) => [component, BY_ALGORITHM[algorithm][0]])),
    mathOf: Object.fromEntries(chosen.map(([component, algorithm]) => [component, BY_ALGORITHM[algorithm][1]])),
    ...(kv === undefined ? {} : { kv }),
    described: `ModelOpt, ${chosen.map(([component, algorithm]) => `${component} ${algorithm}`).join(', ')}`,
  };
}

/** `kv_cache_quant_algo` or `kv_cache_scheme`: a name, or an object with its bits. */
function kvScheme(keys: Keys): StorageFormat | undefined {
  const value = keys.take('kv_cache_quant_algo') ?? keys.take('kv_cache_scheme');
  keys.ignore('kv_cache_quant_algo', 'kv_cache_scheme');
  if (value === undefined || value === 'none' || value === 'NONE') return undefined;
  if (typeof value === 'string') return value === 'FP8' ? 'fp8' : value === 'INT8' ? 'int8' : value === 'NVFP4' ? 'nvfp4' : keys.fail('kv_cache_quant_algo', value, 'is not one of FP8, INT8, NVFP4');
  if (typeof value === 'object') {
    const { num_bits: bits, type } = value as { readonly num_bits?: unknown; readonly type?: unknown };
    if (bits === 8) return type === 'int' ? 'int8' : 'fp8';
  }
  return keys.fail('kv_cache_scheme', value, 'is not 8 bit');
}

const EXCLUSIONS = ['modules_to_not_convert', 'ignored_layers', 'ignore', 'exclude_modules'] as const;

const excludedNames = (keys: Keys): readonly string[] => EXCLUSIONS.flatMap((key) => keys.list(key, null, (value, fail) => (typeof value === 'string' ? value : fail('is not a text'))) ?? []);

function excluded(keys: Keys, root: Keys, stored: StorageFormat): Readonly<Partial<Record<Component, StorageFormat>>> {
  return Object.fromEntries(excludedComponents(excludedNames(keys), root).map((component) => [component, stored]));
}
