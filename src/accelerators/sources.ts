import type { Source } from '../provenance/source.ts';
import { from } from '../provenance/sourced.ts';

const READ = '2026-11-23';

const repository = (repo: string, file: string, revision: string): Source => ({ kind: 'repository', repo, file, revision, read: READ });
const page = (title: string, url?: string): Source => ({ kind: 'datasheet', title, ...(url === undefined ? {} : { url }), read: READ });

/** A place in the Step-3 paper: `Table 4`, `section 5.4`. */
export const step3 = (at: string): Source => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at });
/** Insights into DeepSeek-V3 (ISCA 2025). */
export const deepseekInsights = (at: string): Source => ({ kind: 'paper', id: 'arXiv:2505.09343', at });
export const derived = (how: string): Source => ({ kind: 'derived', from: how });
/** Marks an id or a name that this catalogue chose. */
export const label = from({ kind: 'assumed', because: 'a label of this catalogue' });
export const recalled: Source = { kind: 'assumed', because: 'recalled, not found in a source' };
export const serversOfEight: Source = { kind: 'assumed', because: 'a usual server has 8; section 5.4 of arXiv:2507.19427v1 gives it 8 network cards' };
export const pcieLineRate = (rate: string): Source => derived(`${rate} GT/s on 16 lanes, 128b/130b encoding, 8 bits in a byte`);
export const measured = (what: string): Source => ({ kind: 'measured', what, date: '2026-11-23' });

export const aiconfigurator = (system: string): Source => repository('ai-dynamo/aiconfigurator', `aic-core/src/aiconfigurator_core/systems/${system}.yaml`, '095f58a51c4c');
export const inferenceX = repository('SemiAnalysisAI/InferenceX-app', 'packages/app/src/lib/gpu-specs.ts', '77ca49a67919');
export const inferSim = repository('alibaba/InferSim', 'hardware/gpu.py', 'f2293dab6d23');
export const llmProf = repository('citsjtu2020/LLM-Prof', 'hardware_spec.md', '8434c8d19c39');
export const llmCal = repository('FlyTOmeLight/llm-cal', 'src/llm_cal/hardware/gpu_database.yaml', 'ca137f6b71f0');
export const msModelingNvidia = repository('Horacehxw/msModeling', 'tensor_cast/device_profiles/nvidia.py', '21b96a092122');
export const msModelingAscend = repository('Ascend/msmodeling', 'tensor_cast/device.py', '84fec853d670');
export const deepEp = repository('deepseek-ai/DeepEP', 'docs/legacy.md', 'dd758caf4518');
export const stasAccelerators = repository('stas00/ml-engineering', 'compute/accelerator/README.md', '744d01e18b79');
export const stasNetwork = repository('stas00/ml-engineering', 'network/README.md', '744d01e18b79');
export const chiao = repository('ArthurChiao/arthurchiao.github.io', '_posts/2023-10-25-gpu-data-sheets.md', '0fb7e91c997e');
export const lockwoodA100 = page('Glenn Lockwood, A100 (cites the NVIDIA A100 datasheet and Ampere whitepaper)', 'https://glennklockwood.com/garden/processors/A100');
export const lockwoodH100 = page('Glenn Lockwood, H100', 'https://glennklockwood.com/garden/processors/h100');
export const siliconCat = page('A800 PCIe 40 GB, silicon catalogue', 'https://siliconcat.net/gpu/nvidia-a800-pcie-40-gb');
export const baseten = page('NVIDIA A10 and A10G compared', 'https://www.baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference/');
export const sysRqmts = page('NVIDIA A10 PCIe and Quadro RTX 4000 compared', 'https://sysrqmts.com/ru/gpus/compare/nvidia-a10-pcie-vs-nvidia-quadro-rtx-4000');
export const topCpu = page('A40 PCIe and L20 compared', 'https://www.topcpu.net/en/gpu-c/a40-pcie-vs-l20');
export const cann = repository('leideng/CANN-8.1.RC1', 'Ascend/ascend-toolkit/8.1.RC1/aarch64-linux/data/platform_config/Ascend910B4.ini', '4332a0134a96');
export const nvidiaForum = page(
  'NVIDIA developer forum, nvbandwidth v0.8 on an A100-SXM4-80GB',
  'https://forums.developer.nvidia.com/t/asymmetric-pcie-bandwidth-in-bidirectional-transfers-h2d-drops-56-while-d2h-maintains-performance/352186',
);

/** Price lists that a public repository transcribed from the providers' pages. */
export const silybench = repository('tgarg01/silybench-data', 'derived/csv/gpu_prices.csv', '045df3bf56b8');
export const hyperstackPlans = repository('api-evangelist/nexgen-cloud', 'plans/nexgen-cloud-plans-pricing.yml', '0fa0509ef79e');
export const coreWeavePlans = repository('api-evangelist/coreweave', 'plans/coreweave-plans-pricing.yml', '27bcc25e6b19');
export const akashPlans = page("api-evangelist/akash, plans/plans.yml (transcribes 'starting at' prices)", 'https://akash.network/pricing/gpus/');
export const dataReceipts = page('datareceipts/data-receipts, 109-gpu-pricing (retrieved 2026-11-09)');
export const privum = page('privum/ai-compute-prices, row of 2026-08-19', 'https://huggingface.co/datasets/privum/ai-compute-prices');
export const dayOneTable = page("'The day-one table, 2026-09-22', a public document that reads the RunPod interface");
export const semiAnalysisCost = repository('SemiAnalysisAI/InferenceX-app', 'packages/app/src/lib/constants.ts', '77ca49a67919');
export const deepseekInference = repository('deepseek-ai/open-infra-index', '202502OpenSourceWeek/day_6_one_more_thing_deepseekV3R1_inference_system_overview.md', '56d86855fcf6');
