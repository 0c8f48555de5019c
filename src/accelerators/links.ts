import { from, resolve, type SourcedTree, type SourceNote } from '../provenance/sourced.ts';
import { findOrNearest } from '../units/nearest.ts';
import { type BytesPerSecond, bytesPerSecond, type Seconds, seconds } from '../units/quantity.ts';
import { aiconfigurator, deepEp, deepseekInsights, derived, label, measured, msModelingAscend, nvidiaForum, pcieLineRate, recalled, stasNetwork, step3 } from './sources.ts';

/** One way of an accelerator to its host, its peers or the network. Rates are decimal bytes per second and one way; `null` where nobody was found to have measured it. */
export interface Link {
  readonly id: string;
  readonly name: string;
  readonly rawPerDirection: BytesPerSecond;
  /** large transfers, one direction busy */
  readonly achievedPerDirection: BytesPerSecond | null;
  /** both directions busy, their sum */
  readonly achievedBothDirections: BytesPerSecond | null;
  /** bus bandwidth of a large all-reduce over 8 accelerators */
  readonly achievedAllReduce: BytesPerSecond | null;
  /** time of a transfer beside its bytes */
  readonly perTransfer: Seconds | null;
}

export interface LinkEntry {
  readonly link: Link;
  readonly sources: ReadonlyMap<string, SourceNote>;
}

const unknown = from({ kind: 'assumed', because: 'no measurement was found' })(null);
const stas = from(stasNetwork);
const h100 = from(measured('H100 80GB HBM3 SXM, pinned host memory, driver 580.159.04, CUDA 13.0'));

type Rates = { readonly [K in Exclude<keyof Link, 'id' | 'name'>]?: SourcedTree<Link[K]> } & { readonly rawPerDirection: SourcedTree<BytesPerSecond> };

function entry(id: string, name: string, rates: Rates): LinkEntry {
  const { value, sources } = resolve<Link>({
    id: label(id),
    name: label(name),
    achievedPerDirection: unknown,
    achievedBothDirections: unknown,
    achievedAllReduce: unknown,
    perTransfer: unknown,
    ...rates,
  });
  return Object.freeze({ link: value, sources });
}

/** Links inside a server, to the host, and to the network. */
export const links: readonly LinkEntry[] = Object.freeze([
  entry('pcie3-x16', 'PCIe 3.0 x16', {
    rawPerDirection: from(pcieLineRate('8'))(bytesPerSecond(1.575e10)),
    achievedPerDirection: from(recalled)(bytesPerSecond(1.2e10), 'typical pinned copy'),
  }),
  entry('pcie4-x16', 'PCIe 4.0 x16', {
    rawPerDirection: from(pcieLineRate('16'))(bytesPerSecond(3.15e10)),
    achievedPerDirection: from(nvidiaForum)(bytesPerSecond(2.48e10), 'pinned, host to device, A100'),
    achievedBothDirections: from(nvidiaForum)(bytesPerSecond(3.5e10), '24 to the host and 11 to the device; reported as a fault, not a rule'),
  }),
  entry('pcie5-x16', 'PCIe 5.0 x16', {
    rawPerDirection: from(pcieLineRate('32'))(bytesPerSecond(6.3e10)),
    achievedPerDirection: h100(bytesPerSecond(5.51e10), 'each direction alone; 5.54e10 on an H200'),
    achievedBothDirections: h100(bytesPerSecond(8.9e10), 'a second run gave 9.5e10, an H200 1.01e11'),
    perTransfer: h100(seconds(2.85e-6), 'scattered copies, host to device; 2.3e-6 to the host'),
  }),
  entry('pcie6-x16', 'PCIe 6.0 x16', {
    rawPerDirection: stas(bytesPerSecond(1.21e11), '64 GT/s in FLIT mode; the B300 file of aiconfigurator has 1.28e11'),
  }),
  entry('nvlink-c2c', 'NVLink-C2C (Grace with Hopper or Blackwell)', {
    rawPerDirection: stas(bytesPerSecond(4.5e11), 'no official figure was found; on a GB200 one Grace has such a link to each of its two chips'),
    achievedPerDirection: stas(bytesPerSecond(3.59e11), 'host to device, half of a GB300 module; 3.77e11 to the host'),
    achievedBothDirections: stas(bytesPerSecond(3.47e11), '1.75e11 and 1.72e11 at once: the memory of the CPU is the limit'),
  }),
  entry('nvlink3', 'NVLink 3 (A100)', {
    rawPerDirection: stas(bytesPerSecond(3e11), '12 links x 25 GB/s'),
    achievedPerDirection: stas(bytesPerSecond(2.74e11), 'one pair'),
    achievedAllReduce: stas(bytesPerSecond(2.35e11)),
  }),
  entry('nvlink3-a800', 'NVLink 3 reduced (A800)', { rawPerDirection: from(derived('half of the 400 GB/s that both directions have together'))(bytesPerSecond(2e11)) }),
  entry('nvlink4', 'NVLink 4 (H100, H200, H20)', {
    rawPerDirection: stas(bytesPerSecond(4.5e11), '18 links x 25 GB/s'),
    achievedPerDirection: stas(bytesPerSecond(3.964e11), 'one pair of 8 x H200; an older test on H100 gave 3.76e11'),
    achievedBothDirections: stas(bytesPerSecond(7.837e11), 'one pair'),
    achievedAllReduce: stas(bytesPerSecond(3.672e11), 'ring; 4.80e11 with reduction in the switch'),
  }),
  entry('nvlink4-h800', 'NVLink 4 reduced (H800)', {
    rawPerDirection: from(deepseekInsights('section 4.3'))(bytesPerSecond(2e11)),
    achievedPerDirection: from(deepseekInsights('section 4.3'))(bytesPerSecond(1.6e11), 'DeepEP reports 1.53e11 (dispatch) and 1.58e11 (combine) in one server'),
  }),
  entry('nvlink5', 'NVLink 5 (B200, GB200, B300)', {
    rawPerDirection: stas(bytesPerSecond(9e11), '18 links x 50 GB/s'),
    achievedPerDirection: stas(bytesPerSecond(7.46e11), 'one pair of a GB200 tray'),
    achievedAllReduce: stas(bytesPerSecond(8.457e11), '8 x B200, 16 GiB'),
  }),
  entry('hccs-a2', 'HCCS (Ascend 910B), full mesh of 8', {
    rawPerDirection: from(msModelingAscend)(bytesPerSecond(1.96e11), 'to all 7 peers; one pair has 28 GB/s'),
    achievedPerDirection: from({ kind: 'assumed', because: "0.7 of raw, uncalibrated in Huawei's modelling tool" })(bytesPerSecond(1.372e11)),
  }),
  entry('net-200g', 'InfiniBand HDR or RoCE, 200 Gbps', { rawPerDirection: from(aiconfigurator('a100_sxm'))(bytesPerSecond(2.5e10)) }),
  entry('net-400g', 'InfiniBand NDR or RoCE, 400 Gbps', {
    rawPerDirection: from(deepEp)(bytesPerSecond(5e10)),
    achievedPerDirection: from(step3('section 5.4'))(bytesPerSecond(4e10), 'average of DeepEP on H800; its tables have 3.9e10 to 4.3e10 at 64 to 256 ranks'),
  }),
  entry('net-800g', 'InfiniBand XDR or Ethernet, 800 Gbps', { rawPerDirection: stas(bytesPerSecond(1e11)) }),
]);

/**
 * The link with an id.
 * @throws RangeError that lists the nearest ids
 */
export const link = (id: string): LinkEntry => findOrNearest('links', links, id, (entry) => entry.link.id);
