import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ImportedModel, importConfig } from '../../../src/models/huggingface/index.ts';
import { type ParameterCounts, parameters } from '../../../src/models/parameters.ts';
import { asPrinted } from '../../support/printed.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../shared/hf-configs');
const there = existsSync(join(FOLDER, 'index.json'));

interface IndexEntry {
  readonly file: string;
  readonly fidelity: string;
  readonly published_total_B: number | null;
  readonly published_active_B: number | null;
  readonly published_source: string | null;
}
const json = <T>(file: string): T => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as T;
const index: Readonly<Record<string, IndexEntry>> = there ? json('index.json') : {};
const names = Object.keys(index);
const read = (name: string): ImportedModel => importConfig(json((index[name] as IndexEntry).file), { id: 'shared', repo: name });

/** Files that are refused, and why. */
const REFUSED: Readonly<Record<string, RegExp>> = {};

/** Figures that the index has from memory and that were found printed since. */
const FOUND: Readonly<Record<string, string>> = {
  'Qwen3-32B': 'apxml.com/models/qwen3-32b',
  'Llama-3.1-8B': 'model size badge of the hub',
  'Llama-3.1-70B': 'model size badge of the hub',
  'Mixtral-8x7B': 'release text of Mixtral',
  'gpt-oss-120b': 'arXiv:2508.10925, Table 1',
  'Hunyuan-Large': 'Tencent/Tencent-Hunyuan-Large README',
};

/** Totals that are not compared within 0.3 %: what is published and computed (1e9), and why. `null`: nothing is published there. */
const OTHERS: readonly { readonly name: string; readonly published: string | null; readonly computed: string; readonly because: string }[] = [
  { name: 'DeepSeek-V4-Pro', published: null, computed: '1573', because: 'no figure in the index' },
  { name: 'GLM-5', published: null, computed: '744', because: 'no figure in the index; the technical report prints 744' },
  { name: 'Kimi-K2-Instruct', published: '1000', computed: '1026', because: 'printed as 1T, one digit' },
  { name: 'Llama-4-Maverick', published: '400', computed: '401', because: 'trimmed and without its encoder, one digit' },
  { name: 'MiMo-V2-Flash', published: '309', computed: '309', because: 'trimmed' },
  { name: 'Nemotron-3-Nano-30B-A3B', published: '30', computed: '32', because: 'a name of two digits; the abstract prints 31.6' },
  { name: 'Llama-2-7b', published: '6.74', computed: '6.74', because: 'from memory' },
  { name: 'Llama-2-13b', published: '13', computed: '13', because: 'from memory' },
  { name: 'Qwen3-Next-80B-A3B', published: '80', computed: '80', because: 'a name of two digits' },
  {
    name: 'Step3',
    published: '316',
    computed: '318',
    because: 'the published figure is of the language model; the encoder in the file is as wide as a class default, 3072 where 15360 gives the 321 of the whole',
  },
  { name: 'Step-3.5-Flash', published: '196.81', computed: '196.96', because: 'reconstructed' },
  { name: 'gemma-3-27b', published: '27.4', computed: '27.4', because: 'fields, from memory' },
  { name: 'OPT-13B', published: '13', computed: '13', because: 'a name of two digits' },
  { name: 'OPT-66B', published: '66', computed: '66', because: 'a name of two digits' },
  { name: 'MiniCPM-V-2.6', published: '8.1', computed: '8.1', because: 'from memory' },
  { name: 'GLM-4.5', published: '355', computed: '353', because: 'fields; 355 lies between the count with its prediction layer (357) and the one without' },
  { name: 'MiniMax-M2', published: '230', computed: '229', because: 'fields, two digits' },
  { name: 'ERNIE-4.5-300B-A47B', published: '300', computed: '299', because: 'reconstructed, one digit' },
  { name: 'Pangu-Pro-MoE-72B', published: '72', computed: '72', because: 'a name of two digits' },
  { name: 'Hunyuan-Large', published: '389', computed: '389', because: 'fields' },
  { name: 'InternVL2-26B', published: '25.5', computed: '25.5', because: 'reconstructed, from memory' },
];

/** In which convention the active parameters are printed. */
const ACTIVE: Readonly<Record<string, keyof ParameterCounts>> = {
  'DeepSeek-V3': 'withoutInputEmbedding',
  'DeepSeek-V3.2': 'withoutInputEmbedding',
  'Kimi-K2-Instruct': 'withoutInputEmbedding',
  'Qwen3-235B-A22B': 'all',
  'Qwen3-32B': 'all',
  'Llama-4-Maverick': 'all',
  'Llama-3.1-8B': 'all',
  'Llama-3.1-70B': 'all',
  'Mixtral-8x7B': 'all',
  'gpt-oss-120b': 'withoutInputEmbedding',
  'MiMo-V2-Flash': 'withoutInputEmbedding',
  'Qwen3-VL-235B-A22B': 'all',
  'Qwen3.5-397B-A17B': 'all',
  'Nemotron-3-Nano-30B-A3B': 'withoutInputEmbedding',
  'Llama-2-7b': 'all',
  'Llama-2-13b': 'all',
  'Qwen3-Next-80B-A3B': 'withoutEmbeddings',
  'MiniMax-M1': 'withoutEmbeddings',
  Step3: 'withoutInputEmbedding',
  'Step-3.5-Flash': 'withoutEmbeddings',
  'OPT-13B': 'all',
  'OPT-66B': 'all',
  'GLM-4.5': 'withoutEmbeddings',
  'MiniMax-M2': 'withoutEmbeddings',
  'ERNIE-4.5-300B-A47B': 'withoutInputEmbedding',
  'Pangu-Pro-MoE-72B': 'all',
};

/** Active parameters that no convention prints so. */
const ACTIVE_DEVIATIONS: Readonly<Record<string, { readonly computed: string; readonly because: string }>> = {
  'Hunyuan-Large': { computed: '51', because: 'unexplained; 52 is printed' },
  'gemma-3-27b': { computed: '27.0', because: 'the index has the whole model, encoder included' },
  'MiniCPM-V-2.6': { computed: '7.6', because: 'the index has the whole model, encoder included' },
  'InternVL2-26B': { computed: '19.9', because: 'the index has the whole model, encoder included' },
};

const digits = (figure: number): number => String(figure).replace('.', '').replace(/0+$/, '').length;
const isComplete = ({ fidelity }: IndexEntry): boolean => fidelity === 'original' || fidelity === 'repo copy (complete)';
const isSourced = (name: string, { published_source: source }: IndexEntry): boolean => Object.hasOwn(FOUND, name) || (source !== null && !source.startsWith('from memory'));
const billions = (name: string): number => parameters(read(name).entry.model).total.all / 1e9;

if (!there) it.skip('../shared/hf-configs is not on this machine: its files are not read', () => undefined);
else
  describe('the shared configs', () => {
    it('are all in the index', () =>
      expect(names.map((name) => index[name]?.file).sort()).toEqual(
        readdirSync(FOLDER)
          .filter((file) => file !== 'index.json')
          .sort(),
      ));

    const readable = names.filter((name) => !Object.hasOwn(REFUSED, name));
    it.each(readable)('%s is read, every field with its source', (name) => {
      const { entry } = read(name);
      expect(entry.sources.size).toBeGreaterThan(15);
      expect(entry.sources.get('hidden')?.source).toMatchObject({ repo: name });
    });
    it.each(Object.entries(REFUSED))('%s is refused', (name, message) => expect(() => read(name)).toThrow(message));

    describe('totals', () => {
      const compared = readable.filter((name) => {
        const entry = index[name] as IndexEntry;
        return entry.published_total_B !== null && digits(entry.published_total_B) >= 3 && isComplete(entry) && isSourced(name, entry);
      });
      it('are compared or listed, each of them', () => {
        expect([...compared, ...OTHERS.map(({ name }) => name)].sort()).toEqual([...readable].sort());
        expect(compared.length).toBeGreaterThan(10);
      });
      it.each(compared)('%s is within 0.3 %% of what is published', (name) => {
        const published = (index[name] as IndexEntry).published_total_B as number;
        expect(Math.abs(billions(name) / published - 1)).toBeLessThan(0.003);
      });
      it.each(OTHERS)('$name: $published published, $computed computed ($because)', ({ name, published, computed }) => {
        expect(String(index[name]?.published_total_B)).toBe(String(published));
        expect(asPrinted(billions(name), computed)).toBe(computed);
      });
    });

    describe('active parameters', () => {
      const printed = (name: string): string => String(index[name]?.published_active_B);
      const withFigure = readable.filter((name) => index[name]?.published_active_B !== null);

      it('are compared or listed, each of them', () => expect([...Object.keys(ACTIVE), ...Object.keys(ACTIVE_DEVIATIONS)].sort()).toEqual([...withFigure].sort()));
      it.each(Object.entries(ACTIVE))('%s, %s, are printed so', (name, convention) =>
        expect(asPrinted(parameters(read(name).entry.model).active[convention] / 1e9, printed(name))).toBe(printed(name)),
      );
      it.each(Object.entries(ACTIVE_DEVIATIONS))('%s are not', (name, { computed }) => {
        const { active } = parameters(read(name).entry.model);
        expect(asPrinted(active.all / 1e9, computed)).toBe(computed);
        for (const count of Object.values(active)) expect(asPrinted(count / 1e9, printed(name))).not.toBe(printed(name));
      });
    });
  });
