import type { CommandOf } from '../command.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<CommandOf>;
}

/** Every command, one file each; its file is read when it is asked for. */
export const commands = {
  models: { summary: 'the models of the catalogue, with sources', load: async () => (await import('./models.ts')).models },
  accelerators: { summary: 'the chips of the catalogue, with sources and dated prices', load: async () => (await import('./accelerators.ts')).accelerators },
  params: { summary: 'parameters of models in the three conventions, bytes by precision', load: async () => (await import('./params.ts')).params },
  kv: { summary: 'KV cache and states: kept by a request, read by a token', load: async () => (await import('./kv.ts')).kv },
  cost: { summary: 'what a token costs, on which chip, at which context length', load: async () => (await import('./cost.ts')).cost },
  crossover: { summary: 'exact contexts at which the cheaper of two models changes', load: async () => (await import('./crossover.ts')).crossover },
  time: { summary: 'expected time of a token and of a prompt, with an interval', load: async () => (await import('./time.ts')).time },
  capacity: { summary: 'what fits in memory: largest batch, longest context', load: async () => (await import('./capacity.ts')).capacity },
  afd: { summary: 'attention-FFN disaggregation: which chips, how many, what a token costs', load: async () => (await import('./afd.ts')).afd },
  disaggregate: { summary: 'prefill and decode apart: who keeps the objectives, goodput, placement', load: async () => (await import('./disaggregate.ts')).disaggregate },
  multimodal: { summary: 'models that see: what an image costs, memory by stage, encoding apart', load: async () => (await import('./multimodal.ts')).multimodal },
  preempt: { summary: 'preemption: what swapping KV to the host costs, or computing it again', load: async () => (await import('./preempt.ts')).preempt },
  explain: { summary: 'where a number comes from, down to its sources', load: async () => (await import('./explain.ts')).explain },
  cite: { summary: 'citation of a number: Markdown, BibTeX, CSL-JSON', load: async () => (await import('./cite.ts')).cite },
  scoreboard: { summary: 'every printed cell of the papers: reproduced, or why not', load: async () => (await import('./scoreboard.ts')).scoreboard },
  report: { summary: 'build HTML reports whose numbers can be opened and cited', load: async () => (await import('./report.ts')).report },
  notebook: { summary: 'execute notebooks without Jupyter', load: async () => (await import('./notebook.ts')).notebook },
  kernel: { summary: 'register the TypeScript kernel with Jupyter', load: async () => (await import('./kernel.ts')).kernel },
} as const satisfies Readonly<Record<string, Entry>>;

export type CommandName = keyof typeof commands;
