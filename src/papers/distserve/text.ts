import type { NumberSpec } from '../../evidence/number.ts';
import { ridgePoint } from '../../roofline/roofline.ts';
import { kvBandwidthDemand, kvTransferTime, promptKvBytes } from '../../serving/disaggregation/kv-transfer.ts';
import { blockedAttentionIntensity } from '../../serving/disaggregation/latency-form.ts';
import { table1 } from './data/tables.ts';
import { bothDirections, parameterBytes } from './formulas.ts';
import { derived, ID, type Item, item, printedLeaf } from './item.ts';

const GB = 1e9;
const GIB = 2 ** 30;
const BITS = 8;
const MODELS = ['opt-13b', 'opt-66b', 'opt-175b'] as const;
const BILLIONS = { 'opt-13b': 13, 'opt-66b': 66, 'opt-175b': 175 } as const;

const kvBytes = (model: string, tokens: string): NumberSpec =>
  derived(`keys and values of ${tokens} tokens of ${model}`, promptKvBytes, { tokens: `context/${tokens}`, bytesPerToken: `cache/${model}/1/paged` });
const demand = derived('bandwidth that transfers need, OPT-66B', kvBandwidthDemand, { rate: `${ID}/input/transfers`, bytes: `${ID}/kv-bytes/opt-66b/512` });

const binary = 'the printed number is in units of 2^30 bytes, see the cell beside it';
/** A number that is printed with a decimal unit and comes out in a binary one. */
const twice = (path: string, printed: string, where: string, number: NumberSpec, per = 1): readonly Item[] => [
  item(path, printed, where, number, { scale: GB / per, deviates: binary }),
  item(`${path}:binary`, printed, `${where}, taken as 2^30`, number, { scale: GIB / per }),
];

const modelSize = (model: string, parameters: string): NumberSpec =>
  derived(`bytes of the weights of ${model}`, parameterBytes, { parameters, elementBytes: `model/${model}/bytes-per-element/0/weights` });

const fewer = 'the printed size is that of as many parameters as the name says; counted, there are fewer, see the cell beside it';
const sizes: readonly Item[] = MODELS.flatMap((model) => {
  const printed = table1.find((row) => row.model === model)?.modelSize ?? '';
  const where = `Table 1, size of ${model}, GB`;
  return [
    item(`table-1/${model}/size`, printed, where, modelSize(model, `parameters/${model}/total/all`), { scale: GB, ...(model === 'opt-13b' ? {} : { deviates: fewer }) }),
    item(`table-1/${model}/size:nominal`, printed, `${where}, parameters by its name`, modelSize(model, `${ID}/input/nominal-${model}`), { scale: GB }),
  ];
});

const intensity = (block: number): NumberSpec => derived(`FLOP per memory access of attention, blocks of ${block}`, blockedAttentionIntensity, { block: `${ID}/input/block-${block}` });

/** Numbers of Table 1, of the text and of Appendix A that a formula answers. */
export const textItems: readonly Item[] = [
  ...sizes,
  ...twice('text/kv-bytes', '1.13', 'section 3.3, GB of keys and values of 512 tokens of OPT-66B', kvBytes('opt-66b', '512')),
  ...twice('text/kv-demand', '11.3', 'section 3.3, GB/s at 10 requests per second', demand),
  ...twice('text/kv-demand-bits', '90', 'section 3.3, Gbit/s at 10 requests per second', demand, BITS),
  item('text/nvlink', '600', 'section 3.3, GB/s of NVLink between A100', derived('NVLink of an A100, both ways', bothDirections, { perDirection: 'accelerator/a100-80g/scaleUpPerDirection' }), {
    scale: GB,
  }),
  item('appendix-a/attention-intensity-16', '10.677', 'Appendix A, arithmetic intensity of attention with blocks of 16', intensity(16), {
    deviates: 'two thirds of the block, which the text states and which gives the other printed number; it looks like a slip of one digit',
  }),
  item('appendix-a/attention-intensity-32', '21.333', 'Appendix A, arithmetic intensity of attention with blocks of 32', intensity(32)),
  item(
    'appendix-a/ridge-point',
    '156',
    'Appendix A, arithmetic intensity above which A100-80GB is bound by arithmetic',
    derived('ridge point of A100-80GB', ridgePoint, { peak: 'accelerator/a100-80g/math-peak/bf16', memoryBandwidth: 'accelerator/a100-80g/memoryBandwidth' }),
    { deviates: 'the printed number is the peak over 2 TB/s; the SXM card of the catalogue has 2 % more bandwidth' },
  ),
];

const LINKS = { nvlink: `${ID}/input/nvlink`, 'nvlink-one-way': 'accelerator/a100-80g/scaleUpPerDirection', 'cross-node': `${ID}/input/cross-node` } as const;
const isModel = (id: string): boolean => (MODELS as readonly string[]).includes(id);

/** `distserve/kv-bytes/<model>/<tokens>`: keys and values of a prompt; `distserve/kv-transfer/<model>/<tokens>/<nvlink|nvlink-one-way|cross-node>`: their time on a link. */
export function transferNumber([what = '', model = '', tokens = '', link = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!isModel(model) || rest.length > 0) return null;
  if (what === 'kv-bytes') return link === '' ? kvBytes(model, tokens) : null;
  if (what !== 'kv-transfer' || !Object.hasOwn(LINKS, link)) return null;
  return derived(`transfer of keys and values of ${tokens} tokens of ${model}, ${link}`, kvTransferTime, {
    bytes: `${ID}/kv-bytes/${model}/${tokens}`,
    bandwidth: LINKS[link as keyof typeof LINKS],
  });
}

/** What the numbers above are computed from. */
export const textInputs: Readonly<Record<string, NumberSpec>> = {
  'input/transfers': printedLeaf('requests per second', 10, '1/s', 'section 3.3'),
  'input/nvlink': printedLeaf('NVLink between A100, both ways', 600e9, 'B/s', 'section 3.3'),
  'input/cross-node': printedLeaf('network between servers of the testbed', 25e9 / BITS, 'B/s', 'section 6.1 (25 Gbit/s)'),
  'input/block-16': printedLeaf('tokens of a block of the attention kernel', 16, '1', 'Appendix A'),
  'input/block-32': printedLeaf('tokens of a block of the attention kernel', 32, '1', 'Appendix A'),
  ...Object.fromEntries(MODELS.map((model) => [`input/nominal-${model}`, printedLeaf(`parameters that the name of ${model} states`, BILLIONS[model] * 1e9, '1', 'Table 1')])),
};
