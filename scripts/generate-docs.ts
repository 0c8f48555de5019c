/**
 * Writes what the documentation and the reviewers read from the numbers of the sources:
 *   README.md                    the blocks between `<!-- begin <name> -->` and `<!-- end <name> -->`
 *   docs/cost-on-h20.svg         the chart of the README
 *   reports/<id>/numbers.json    every number of a report
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { reports } from '../reports/index.ts';
import { accelerator } from '../src/accelerators/index.ts';
import { costCurves } from '../src/chart/index.ts';
import { renderSvg } from '../src/chart/render.ts';
import { run } from '../src/cli/run.ts';
import { readVersion } from '../src/cli/version.ts';
import { curveRows } from '../src/compare/index.ts';
import { writeAtomic } from '../src/io/index.ts';
import { modelEntries } from '../src/models/index.ts';
import { numbersFile, reportContext } from '../src/report/index.ts';

const path = (relative: string): string => fileURLToPath(new URL(`../${relative}`, import.meta.url));

async function write(file: string, text: string): Promise<void> {
  if ((await readFile(path(file), 'utf8').catch(() => '')) === text) return;
  await writeAtomic(path(file), text);
  process.stdout.write(`wrote ${file}\n`);
}

/** What a command line prints, without what it says on the way: that depends on the machine. */
async function printed(args: string): Promise<string> {
  let text = '';
  let said = '';
  const code = await run(args.split(' '), { out: (part) => (text += part), err: (part) => (said += part) });
  if (code !== 0) throw new Error(`generate-docs: command ${args} fails: ${said}`);
  return text.trimEnd();
}

const shell = async (args: string): Promise<string> => ['```console', `$ npx tokenroof ${args}`, await printed(args), '```'].join('\n');

async function notebookCell(file: string, starts: string): Promise<string> {
  const { cells } = JSON.parse(await readFile(path(file), 'utf8')) as { cells: readonly { readonly cell_type: string; readonly source: readonly string[] }[] };
  const sources = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => source.join(''));
  const found = sources.find((source) => source.startsWith(starts));
  if (!found) throw new Error(`generate-docs: notebook ${file} has no cell that starts with ${starts}`);
  return ['```ts', sources[0], '', found, '```'].join('\n');
}

async function chart(): Promise<string> {
  const models = modelEntries.filter(({ paperName }) => paperName !== null).map(({ model }) => model);
  const curves = costCurves(curveRows(models, [accelerator('h20').accelerator]), {
    id: 'cost-on-h20',
    title: 'Decoding cost of nine models on H20',
    description: 'Decoding cost of nine models on H20 against context length from 1K to 1M tokens, both axes logarithmic.',
  });
  const svg = await renderSvg(curves, 'light');
  return `${svg.replace(/^<svg[^>]*>/, '$&<rect width="100%" height="100%" fill="#ffffff"/>')}\n`;
}

const version = await readVersion();

const blocks: Readonly<Record<string, string>> = {
  cost: await shell('cost --models step-3,deepseek-v3 --accelerators h800,h20 --contexts 8K,32K --counting step3'),
  kv: await shell('kv deepseek-v3,deepseek-v3.2,deepseek-v4-pro,qwen3-next-80b-a3b,gpt-oss-120b --context 32K --kv-dtype bf16'),
  time: await shell('time --models llama-3.1-8b --accelerators h100 --batch 32 --contexts 8K --precision bf16'),
  afd: await shell('afd --models step-3 --accelerators h800,h20 --contexts 8K --tpot 50'),
  disaggregate: await shell('disaggregate place --model qwen3-32b --accelerators h800,h20 --slo ttft=1,tpot=0.05 --requests 300 --top 3'),
  multimodal: [
    await shell('multimodal cost --models internvl2-8b,minicpm-v-2.6 --accelerators h100,h20 --image 1920x1080'),
    await shell('multimodal place --model minicpm-v-2.6 --accelerators a100-80g --image 4032x3024 --images 4 --slo ttft=0.5,tpot=0.04 --requests 100 --top 2'),
  ].join('\n\n'),
  preempt: [
    await shell('preempt break-even --models llama-3.1-8b,qwen3-30b-a3b --accelerators h100 --contexts 2K,32K'),
    await shell('preempt simulate --accelerator a10 --conversations 200 --pattern markov'),
  ].join('\n\n'),
  scoreboard: await shell('scoreboard --papers step3'),
  explain: await shell('explain step3/table-4/h20/roofline'),
  notebook: await notebookCell('notebooks/01-decode-cost-curves.ipynb', 'const models'),
};

const readme = await readFile(path('README.md'), 'utf8');
await write(
  'README.md',
  readme.replace(/(<!-- begin ([a-z-]+) -->\n)[\s\S]*?(\n<!-- end \2 -->)/g, (_, begin: string, name: string, end: string) => {
    const text = blocks[name];
    if (text === undefined) throw new Error(`generate-docs: block ${name} of README.md is unknown`);
    return `${begin}${text}${end}`;
  }),
);
await write('docs/cost-on-h20.svg', await chart());
for (const report of reports) await write(`reports/${report.id}/numbers.json`, numbersFile(report.build(reportContext(version))));
