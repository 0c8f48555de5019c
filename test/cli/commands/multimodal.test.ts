import { describe, expect, it } from 'vitest';
import { imageOf, videoOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { architectureWorker, imageSizeOf } from '../../../src/serving/multimodal/architecture-worker.ts';
import { mediaCost } from '../../../src/serving/multimodal/media-cost.ts';
import { MEMORY_STAGES, peakMemory } from '../../../src/serving/multimodal/memory.ts';
import { examples } from '../../models/huggingface/configs.ts';
import { chipOf } from '../../timing/support.ts';
import { fieldsOf, files } from '../disaggregate/support.ts';
import { type CostRow, costShape, costs, csvOf, memory, memoryShape, placeShape, printed, simulateShape } from '../multimodal/support.ts';
import { cli } from '../support.ts';

const file = files();
const override = async (accelerators: Readonly<Record<string, unknown>>): Promise<readonly string[]> => ['--override', await file('override.json', JSON.stringify({ accelerators }))];
const only = (rows: readonly CostRow[]): CostRow => {
  expect(rows).toHaveLength(1);
  return rows[0] as CostRow;
};

describe('multimodal --help', () => {
  it('lists the commands below it, each of which has a help', async () => {
    const { code, out } = await cli('multimodal', '--help');
    expect(code).toBe(0);
    expect([...out.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name)).toEqual(['cost', 'memory', 'simulate', 'place']);
  });

  it.each([
    ['cost', costShape],
    ['memory', memoryShape],
    ['simulate', simulateShape],
    ['place', placeShape],
  ])('%s says every field of its JSON', async (action, shape) => {
    const { code, out } = await cli('multimodal', action, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: tokenroof multimodal ${action} [options]\n`);
    const block = out.match(/\nJSON:\n([\s\S]*?\});?[ ;\n]/)?.[1] ?? '';
    const named = block.replace(/^\s*an array of/, '').replace(/: (?:"[\w-]+"|\w+(?:\[\])?)(?: \| (?:"[\w-]+"|\w+))*/g, '');
    expect([...new Set(named.match(/\w+/g))].sort()).toEqual([...new Set(fieldsOf(shape))].sort());
  });

  it('has examples that run', async () => {
    for (const action of [[], ['cost'], ['memory'], ['simulate'], ['place']]) {
      const { out } = await cli('multimodal', ...action, '--help');
      const examplesOf = [...out.matchAll(/^ +\$ tokenroof (.*)$/gm)].map(([, argv = '']) => argv.split(' '));
      expect(examplesOf.length, action.join(' ')).toBeGreaterThan(1);
      for (const argv of examplesOf) {
        const short = argv[1] === 'place' ? ['--requests', '20', '--least-seconds', '0', '--gpus', '4'] : [];
        const { code, out: text, err } = await cli(...argv, ...short);
        expect(code, `${argv.join(' ')} ${err}`).toBe(0);
        expect(text.length, argv.join(' ')).toBeGreaterThan(200);
      }
    }
  }, 60_000);
});

describe('multimodal cost', () => {
  const ASKED = ['--models', 'internvl2-8b', '--accelerators', 'a100-80g', '--image', '4032x3024', '--images', '3', '--prompt', '50', '--output', '200', '--batch', '8'];
  const [model, chip] = [modelOf('internvl2-8b'), chipOf('a100-80g')];
  const shape = imageOf(model, { width: 4032, height: 3024 });
  const cost = mediaCost(model, chip, { shape, images: 3, prompt: 50, output: 200 }, { batch: 8 });

  it('is what the library says', async () => {
    const row = only(await costs(...ASKED));
    expect(row).toMatchObject({
      model: model.id,
      accelerator: chip.id,
      media: 'image',
      size: '4032x3024',
      seconds: null,
      frames: null,
      tiles: shape.tiles.length,
      patches: shape.patches,
      mediaTokens: shape.tokens,
      promptTokens: cost.promptTokens,
      chips: cost.chips,
      encodeSeconds: cost.encode.seconds,
      encodeLow: cost.encode.low,
      encodeHigh: cost.encode.high,
      prefillSeconds: cost.imagePrefill.seconds,
      encodeUsd: cost.encode.usd,
      prefillUsd: cost.imagePrefill.usd,
      mediaUsd: cost.imageUsd,
      idealMediaUsd: cost.idealImageUsd,
      usdPerVideoMinute: null,
      requestUsd: cost.requestUsd,
      decodeBatch: 8,
      basis: cost.encode.basis,
      infeasible: null,
    });
  });

  it('adds an image up from encoding and prefill, and a request from its images, prompt and answer', async () => {
    const row = only(await costs(...ASKED));
    expect(row.mediaUsd).toBeCloseTo((row.encodeUsd as number) + (row.prefillUsd as number), 15);
    const { prefill, decode } = cost;
    expect((row.requestUsd as number) / (3 * (row.encodeUsd as number) + (prefill.usd as number) + (decode.usd as number))).toBeCloseTo(1, 12);
    expect(row.encodeLow as number).toBeLessThan(row.encodeSeconds as number);
    expect(row.encodeHigh as number).toBeGreaterThan(row.encodeSeconds as number);
  });

  it('scales with the price of the chip, and is null without one', async () => {
    const usd = ['encodeUsd', 'prefillUsd', 'mediaUsd', 'idealMediaUsd', 'requestUsd'] as const;
    const before = only(await costs(...ASKED));
    const dearer = only(await costs(...ASKED, ...(await override({ 'a100-80g': { set: { usdPerHour: 2 * (chip.usdPerHour as number) } } }))));
    const free = only(await costs(...ASKED, ...(await override({ 'a100-80g': { set: { usdPerHour: null } } }))));
    for (const field of usd) {
      expect((dearer[field] as number) / (before[field] as number), field).toBeCloseTo(2, 12);
      expect(free[field], field).toBeNull();
    }
    expect(free).toMatchObject({ encodeSeconds: before.encodeSeconds, prefillSeconds: before.prefillSeconds, chips: before.chips, infeasible: null });
    expect(dearer.notes.some((note) => note.startsWith('scenario: '))).toBe(true);
  });

  it('prices a minute of video, whatever its length', async () => {
    const asked = ['--models', 'qwen3-vl-235b-a22b', '--accelerators', 'h100', '--video', '1280x720'];
    const row = only(await costs(...asked, '--seconds', '30', '--fps', '2'));
    const video = videoOf(modelOf('qwen3-vl-235b-a22b'), { width: 1280, height: 720, seconds: 30, framesPerSecond: 2 });
    expect(row).toMatchObject({ media: 'video', size: '1280x720', seconds: 30, frames: 60, tiles: video.tiles.length, mediaTokens: video.tokens });
    expect(row.usdPerVideoMinute).toBeCloseTo(2 * (row.mediaUsd as number), 15);
    const plain = only(await costs(...asked));
    expect(plain).toMatchObject({ seconds: 60, frames: 60 });
    expect(plain.usdPerVideoMinute).toBe(plain.mediaUsd);
  });

  it('says of what does not fit that it does not, and of what is beyond the context', async () => {
    const row = only(await costs('--models', 'qwen3-vl-235b-a22b', '--accelerators', 'l4'));
    expect(row).toMatchObject({
      chips: null,
      encodeSeconds: null,
      encodeUsd: null,
      requestUsd: null,
      basis: null,
      infeasible: expect.stringMatching(/^model qwen3-vl-235b-a22b with \d+ tokens does not fit 8 of l4$/) as string,
    });
    const long = only(await costs('--models', 'internvl2-8b', '--accelerators', 'h100', '--image', '4032x3024', '--images', '20'));
    expect(long.notes).toContain(`context: ${long.promptTokens + 128} is beyond the trained ${model.maxContext}`);
  });

  it('has every model that sees, each image and each chip unless told otherwise', async () => {
    const rows = await costs('--image', '313x234,787x444');
    const models = [...new Set(rows.map((row) => row.model))];
    expect(rows).toHaveLength(models.length * 4);
    for (const id of models) expect(modelOf(id).vision, id).toBeDefined();
    expect([...new Set(rows.map(({ accelerator }) => accelerator))]).toEqual(['h100', 'h20']);
    expect(await costs('--image', '313x234', '--image', '787x444', '--models', 'all')).toEqual(rows);
  });

  it('takes a config with vision, and refuses one without an encoder or an image rule', async () => {
    const of = async (name: string, config: unknown): Promise<readonly string[]> => ['--config', await file(name, JSON.stringify(config))];
    const row = only(await costs(...(await of('mine.json', examples.internvl_chat)), '--accelerators', 'h100', '--image', '56x56'));
    expect(row).toMatchObject({ model: 'mine', tiles: 1, infeasible: null });
    expect(await printed('memory', ...(await of('mine.json', examples.internvl_chat)))).toContain('mine');
    for (const action of ['cost', 'memory', 'simulate', 'place']) {
      expect(await cli('multimodal', action, ...(await of('text.json', examples['Llama-3.1-8B'])))).toEqual({
        code: 2,
        out: '',
        err: 'tokenroof: multimodal: model text has no vision encoder; multimodal cost lists those that have one\n',
      });
      const { code, err } = await cli('multimodal', action, ...(await of('seeing.json', examples.kimi_k25)));
      expect([code, err]).toEqual([2, 'tokenroof: multimodal: model seeing has no image rule: how its images become tokens is not published\n']);
    }
  });

  it('prints a table whose columns name what is timed and priced, CSV and Markdown', async () => {
    const asked = ['cost', '--models', 'minicpm-v-2.6', '--accelerators', 'h100,h20', '--image', '313x234'];
    const rows = await costs(...asked.slice(1));
    const table = await printed(...asked);
    expect(table).toMatch(/^What an image costs\n/);
    for (const row of rows) expect(table).toMatch(new RegExp(`^minicpm-v-2\\.6 +313x234 +1 x ${row.accelerator} +1 +64 +${(1e3 * (row.encodeSeconds as number)).toPrecision(3)} `, 'm'));
    expect(table).toContain('request: 1 image, 64 tokens of text, 128 of the answer\n');
    expect(table).toMatch(/^model +size +chips +tiles +tokens +expected +low +high +prefill +encode +prefill +both +ideal +requests +notes$/m);
    const [header, ...cells] = await csvOf(...asked);
    expect(header).toEqual(Object.keys(costShape.element.shape));
    expect(cells).toHaveLength(2);
    expect(cells.map((line) => line[11])).toEqual(rows.map(({ encodeSeconds }) => String(encodeSeconds)));
    expect((await printed(...asked, '--format', 'markdown')).split('\n').filter((line) => line.startsWith('|'))).toHaveLength(4);
    expect(await printed('cost', '--models', 'minicpm-v-2.6', '--video', '640x360', '--seconds', '4')).toMatch(/^What a video costs\n[\s\S]* minutes +requests/);
  });
});

describe('multimodal memory', () => {
  const ASKED = ['--model', 'internvl2-8b', '--accelerator', 'a100-80g', '--image', '4032x3024', '--images', '10'];

  it('is what the library says of each stage', async () => {
    const [model, chip] = [modelOf('internvl2-8b'), chipOf('a100-80g')];
    const shape = imageOf(model, { width: 4032, height: 3024 });
    const found = await memory(...ASKED, '--batch', '2', '--kv-share', '0.5', '--cache-tiles', '100', '--attention', 'eager');
    expect(found.stages.map(({ stage }) => stage)).toEqual(MEMORY_STAGES);
    for (const row of found.stages) {
      const worker = architectureWorker(model, chip, row.stage, shape, { cacheTiles: 100, attention: 'eager' });
      const peak = peakMemory(worker, { image: imageSizeOf(shape), images: 10, textTokens: 64 }, { batch: 2, kvShare: 0.5 });
      expect(row).toMatchObject({
        weightBytes: peak.weights,
        multimediaCacheBytes: peak.multimediaCache,
        activationBytes: peak.activations,
        kvBytes: peak.kv,
        totalBytes: peak.total,
        capacityBytes: peak.capacity,
      });
      expect(row.fits).toBe(row.totalBytes <= row.capacityBytes);
      expect(row.weightBytes + row.multimediaCacheBytes + row.activationBytes + row.kvBytes).toBe(row.totalBytes);
    }
  });

  it('stops images at the context of InternVL2-8B and at 19, as the paper prints', async () => {
    const { stages } = await memory(...ASKED);
    expect(stages.map(({ stage, imagesPerRequest, limitedBy }) => [stage, imagesPerRequest, limitedBy])).toMatchObject([
      ['encode', expect.any(Number), 'memory'],
      ['prefill', 19, 'context'],
      ['decode', null, null],
      ['encode-prefill', 19, 'context'],
      ['aggregated', 19, 'context'],
    ]);
    for (const stage of (await memory(...ASKED.slice(0, -1), '20')).stages) expect(stage.largestBatch).toEqual(stage.stage === 'encode' ? expect.any(Number) : 'OOCL');
  });

  it('says what does not fit', async () => {
    const { stages } = await memory('--model', 'internvl2-26b', '--accelerator', 'l4');
    expect(stages.map(({ fits, largestBatch }) => [fits, largestBatch])).toEqual([[true, expect.any(Number)], ...Array(4).fill([false, 'OOM'])]);
    expect((await printed('memory', '--model', 'internvl2-26b', '--accelerator', 'l4')).match(/ does not fit +/g)).toHaveLength(4);
  });

  it('prints a table, CSV and Markdown', async () => {
    const table = await printed('memory', ...ASKED);
    expect(table).toMatch(/^InternVL2-8B on one a100-80g, by the stages that a worker does\n/);
    expect(table).toContain('1 request of 10 images of 4032x3024 (13 tiles, 3330 tokens each) and 64 tokens of text;');
    const { stages } = await memory(...ASKED);
    const [header, ...rows] = await csvOf('memory', ...ASKED);
    expect(header).toEqual(Object.keys(memoryShape.shape.stages.element.shape));
    expect(rows).toEqual(stages.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value)))));
    expect((await printed('memory', ...ASKED, '--format', 'markdown')).split('\n').filter((line) => line.startsWith('|'))).toHaveLength(2 + MEMORY_STAGES.length);
  });
});
