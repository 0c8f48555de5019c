import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evidence, paperScenario } from '../../src/evidence/index.ts';
import { largestTile, modelOf, parameters } from '../../src/models/index.ts';
import { constantsTable, hitsOf } from '../../src/papers/epd/constants-table.ts';
import { EPD_MODELS, type EpdModel, RESOLUTIONS, table3 } from '../../src/papers/epd/data/tables.ts';
import { imageIn } from '../../src/papers/epd/images.ts';
import { constantCount, fitConstants, fittedConstants, limitWindow, TWO_PATCH_CONSTANTS } from '../../src/papers/epd/memory-fit.ts';
import { cellsOf, type EpdConstants, type EpdStage, epdBytes, isPrinted, type MemoryCell, outcomeOf } from '../../src/papers/epd/memory-model.ts';
import { predictedTileBytes, predictedTokenBytes } from '../../src/papers/epd/memory-prediction.ts';
import { PREDICTIONS } from '../../src/papers/epd/prediction-numbers.ts';
import { epdPaper, openEvidence, scoreboard } from '../../src/papers/index.ts';

const evidence: Evidence = openEvidence(paperScenario);
const board = scoreboard({ papers: ['epd'] });
const counts = (cell: MemoryCell): boolean => cell.table !== 8;
const fitted = (model: EpdModel, cells = cellsOf(model), twoPatchConstants = TWO_PATCH_CONSTANTS.includes(model)): EpdConstants => fitConstants(model, cells, { twoPatchConstants });

describe('Tables 2 and 3', () => {
  const cells = EPD_MODELS.flatMap(cellsOf).filter(counts);

  it('has 45 cells, of which the fit of all gives 39, with ten constants', () => {
    expect(cells).toHaveLength(45);
    expect(EPD_MODELS.map((model) => hitsOf(cellsOf(model).filter(counts), fittedConstants(model)))).toEqual([14, 13, 12]);
    expect(constantCount).toBe(10);
  });

  it('misses exactly these', () => {
    const missed = cells.filter((cell) => !isPrinted(cell, outcomeOf(cell, fittedConstants(cell.model))));
    expect(missed.map((cell) => [cell.path, cell.printed, outcomeOf(cell, fittedConstants(cell.model))])).toEqual([
      ['table-3/minicpm-v-2.6/787x444/prefill', 29, { outcome: 'fits', value: 30, limitedBy: 'memory' }],
      ['table-2/internvl2-8b/787x444/distserve', 19, { outcome: 'fits', value: 85, limitedBy: 'context' }],
      ['table-2/internvl2-8b/787x444/epd', 19, { outcome: 'fits', value: 85, limitedBy: 'context' }],
      ['table-2/internvl2-26b/313x234/distserve', 1, { outcome: 'fits', value: 2, limitedBy: 'memory' }],
      ['table-2/internvl2-26b/4032x3024/distserve', 1, { outcome: 'fits', value: 2, limitedBy: 'memory' }],
      ['table-3/internvl2-26b/787x444/encode', 22, { outcome: 'fits', value: 28, limitedBy: 'memory' }],
    ]);
    const named = epdPaper.deviations.map(({ cell }) => cell.replace('epd/', '')).filter((path) => /^table-[23]/.test(path));
    expect([...named].sort()).toEqual(missed.map(({ path }) => path).sort());
  });

  it('needs one constant of a patch for both workers of MiniCPM-V 2.6 and InternVL2-8B; for InternVL2-26B one more gives two cells more', () => {
    for (const model of ['minicpm-v-2.6', 'internvl2-8b'] as const) expect(hitsOf(cellsOf(model), fitted(model, cellsOf(model), true))).toBe(hitsOf(cellsOf(model), fittedConstants(model)));
    expect(hitsOf(cellsOf('internvl2-26b').filter(counts), fitted('internvl2-26b', cellsOf('internvl2-26b'), false))).toBe(10);
  });
});

describe('Table 8', () => {
  it('is compared at its printed digits, as cells that constants were fitted to are: none is a prediction', () => {
    const shares = EPD_MODELS.flatMap(cellsOf).filter(({ table, printed }) => table === 8 && typeof printed === 'number');
    const off = shares.filter((cell) => Math.round(100 * evidence.number(`epd/${cell.path}`).value) !== cell.printed).map(({ path }) => `epd/${path}`);
    expect([shares.length, off.length]).toEqual([16, 7]);
    expect(epdPaper.deviations.map(({ cell }) => cell).filter((id) => id.startsWith('epd/table-8'))).toEqual(off);
    expect(board.filter(({ table }) => ['table-2', 'table-3', 'table-8'].includes(table)).flatMap(({ predictions }) => predictions)).toEqual([]);
  });

  it('is fitted, and so are Tables 2 and 3: every cell says so, but those beside that no constant decides', () => {
    const cells = epdPaper.cells.filter(({ table, id }) => ['table-2', 'table-3', 'table-8'].includes(table) && !id.endsWith(':largest-image'));
    expect(cells).toHaveLength(69);
    for (const { where } of cells) expect(where).toContain('constants were fitted to it');
  });

  it('is met in every cell: shares within 1.5 points, OOM and OOCL as printed', () => {
    const cells = EPD_MODELS.flatMap(cellsOf).filter((cell) => !counts(cell));
    expect(cells).toHaveLength(24);
    for (const cell of cells) expect([cell.path, isPrinted(cell, outcomeOf(cell, fittedConstants(cell.model)))]).toEqual([cell.path, true]);
    expect(cells.map((cell) => outcomeOf(cell, fittedConstants(cell.model))).filter(({ outcome }) => outcome !== 'fits')).toHaveLength(8);
  });
});

describe('fits of one resolution', () => {
  /** hits of the cells of the other two resolutions: Tables 2 and 3, of 10; all of Table 8 where 4032x3024 is held out */
  const held = (model: EpdModel) =>
    RESOLUTIONS.map((resolution) => {
      const constants = fitted(
        model,
        cellsOf(model).filter((cell) => cell.resolution === resolution),
      );
      const others = cellsOf(model).filter((cell) => cell.resolution !== resolution);
      return [
        hitsOf(others.filter(counts), constants),
        hitsOf(
          others.filter((cell) => !counts(cell)),
          constants,
        ),
      ];
    });

  it('predict this many held-out cells of the other two', () =>
    expect(Object.fromEntries(EPD_MODELS.map((model) => [model, held(model)]))).toEqual({
      'minicpm-v-2.6': [
        [8, 10],
        [4, 10],
        [5, 0],
      ],
      'internvl2-8b': [
        [7, 4],
        [10, 6],
        [7, 0],
      ],
      'internvl2-26b': [
        [7, 6],
        [6, 6],
        [6, 0],
      ],
    }));
});

describe('what cells alone allow', () => {
  const windowOf = (model: EpdModel, stage: EpdStage, cells = cellsOf(model)) => {
    const windows = cells.map((cell) => limitWindow(cell, stage)).filter((window) => window !== null);
    return { from: Math.max(...windows.map(({ from }) => from)), to: Math.min(...windows.map(({ to }) => to)) };
  };
  // where a worker alone sets what is printed: not the limit of context, nor of the other worker
  const tiles = (model: EpdModel, stage: EpdStage, keep: (cell: MemoryCell) => boolean = () => true) => {
    const { from, to } = windowOf(
      model,
      stage,
      cellsOf(model).filter((cell) => keep(cell)),
    );
    return [from / 1024, to / 1024];
  };
  const batches = (cell: MemoryCell): boolean => cell.table === 3;

  it('is an interval of patches for MiniCPM-V 2.6, of all its cells, once tiles count with their padding', () => {
    const patches = (stage: EpdStage) => windowOf('minicpm-v-2.6', stage);
    expect(patches('encode')).toEqual({ from: 490 * 1036, to: 166 * 3 * 1020 });
    expect(patches('encode-prefill')).toEqual({ from: 77 * 1036, to: 78 * 1036 });
    // counted in tiles, all alike, the cells of the smallest images contradict the others: the printed 490 against at least 3 x 165
    expect(490 + 1).toBeLessThan(3 * 165);
  });

  it('is an interval of tiles for InternVL2-8B, of its batches', () => {
    expect(tiles('internvl2-8b', 'encode', batches)).toEqual([2010, 2040]);
    expect(tiles('internvl2-8b', 'encode-prefill', batches)).toEqual([270, 300]);
  });

  it('is none for InternVL2-26B: cells of its encode worker and of its worker of DistServe contradict each other', () => {
    const [from = 0, to = 0] = tiles('internvl2-26b', 'encode', batches);
    expect([from, to]).toEqual([780, 690]);
    const [least = 0, below = 0] = tiles('internvl2-26b', 'encode-prefill');
    expect([least, below]).toEqual([33, 26]);
    const reasons = epdPaper.deviations.filter(({ cell }) => /internvl2-26b/.test(cell) && /^epd\/table/.test(cell)).map(({ because }) => because);
    expect(reasons[0]).toMatch(/below 26 tiles.* at least 33;/);
    expect(reasons[2]).toMatch(/at least 780 tiles.* below 690$/);
  });

  it('is an interval of tokens for the prefill workers', () => {
    expect(windowOf('internvl2-8b', 'prefill', cellsOf('internvl2-8b').filter(batches))).toEqual({ from: 10 * 7722, to: 11 * 7722 });
    expect(windowOf('internvl2-26b', 'prefill')).toEqual({ from: 45 * 770 + 22, to: 46 * 770 + 22 });
  });

  it('is none for the prefill worker of MiniCPM-V 2.6: its batches of small images contradict each other by half a per cent', () => {
    const { from, to } = windowOf('minicpm-v-2.6', 'prefill', cellsOf('minicpm-v-2.6').filter(batches));
    expect([from, to]).toEqual([86 * (10 * 69 + 22), 30 * (10 * 201 + 22)]);
    expect(from / to).toBeCloseTo(1.0045, 4);
    // with a line break for each row of slices they would not
    expect(30 * (10 * 202 + 22)).toBeGreaterThan(from);
    expect(epdPaper.deviations.find(({ cell }) => cell === 'epd/table-3/minicpm-v-2.6/787x444/prefill')?.because).toMatch(/batch of 86 .* at least 61232 tokens, that of 29 here one below 60960;/);
  });

  it('holds the fitted constants', () => {
    for (const model of EPD_MODELS) expect(fitted(model)).toEqual(fittedConstants(model));
  });
});

describe('images', () => {
  it.each(EPD_MODELS)('of %s have the tiles of Table 3', (model) => {
    for (const resolution of RESOLUTIONS) expect(imageIn(model, resolution).tiles).toHaveLength(table3[model][resolution].tiles);
  });

  it('of MiniCPM-V 2.6 have tiles of these patches at most', () => {
    expect(RESOLUTIONS.map((resolution) => largestTile(imageIn('minicpm-v-2.6', resolution)).patches)).toEqual([37 * 28, 30 * 34, 37 * 28]);
  });

  it('have the numbers of the catalogue behind them', () => {
    for (const model of EPD_MODELS) {
      const { parts, total } = parameters(modelOf(model));
      expect(evidence.number(`epd/encoder-parameters/${model}`).value).toBe(parts.vision);
      expect(evidence.number(`epd/language-parameters/${model}`).value).toBe(total.all - parts.vision);
      expect(evidence.number(`epd/multimedia-cache/${model}`).value).toBe(epdBytes(model).multimediaCache);
      expect(evidence.number(`epd/kv-per-token/${model}`).value).toBe(epdBytes(model).kvPerToken);
      expect(evidence.number(`epd/table-3/${model}/4032x3024/prefill`).weakest).toBe('derived');
    }
  });
});

describe('the architecture beside the fits', () => {
  const ratios = (of: (model: EpdModel) => { readonly ratio: number }) => EPD_MODELS.map((model) => Number(of(model).ratio.toFixed(2)));

  it('gives the bytes of a token to a quarter: predicted over fitted', () => expect(ratios(predictedTokenBytes)).toEqual([0.81, 1.03, 0.92]));

  it('gives the bytes of a tile to a quarter: where attention is eager for MiniCPM-V 2.6, where it is fused for InternVL2', () => {
    expect(ratios((model) => predictedTileBytes(model, 'fused'))).toEqual([0.19, 0.77, 1.22]);
    expect(ratios((model) => predictedTileBytes(model, 'eager'))).toEqual([1.01, 4.31, 4]);
  });

  it('has numbers for both, which are what the functions give', () => {
    for (const model of EPD_MODELS) {
      const predicted = {
        'patch/fused': predictedTileBytes(model, 'fused'),
        'patch/eager': predictedTileBytes(model, 'eager'),
        'token/prefill': predictedTokenBytes(model),
      };
      const { patches } = largestTile(imageIn(model, '4032x3024'));
      for (const prediction of PREDICTIONS) {
        const { predicted: value, ratio } = predicted[prediction];
        expect(evidence.number(`epd/prediction/${model}/${prediction}`).value).toBeCloseTo(prediction === 'token/prefill' ? value : value / patches, 6);
        expect(evidence.number(`epd/prediction/${model}/${prediction}/ratio`).value).toBeCloseTo(ratio, 9);
        for (const node of evidence.tree(`epd/prediction/${model}/${prediction}/ratio`)) expect(node.formula !== null || node.source !== null).toBe(true);
      }
    }
    for (const id of ['prediction/minicpm-v-2.6/patch', 'prediction/x/patch/fused', 'prediction/minicpm-v-2.6/patch/constructor']) expect(evidence.find(`epd/${id}`)).toBeNull();
  });

  it('is a table of fitted and predicted constants', () => {
    const table = constantsTable();
    expect(table.map(({ model, count, cells, hits }) => [model, count, cells, hits])).toEqual([
      ['minicpm-v-2.6', 3, 25, 24],
      ['internvl2-8b', 3, 21, 19],
      ['internvl2-26b', 4, 23, 20],
    ]);
    expect(table.reduce((sum, { count }) => sum + count, 0)).toBe(constantCount);
    for (const { constants, heldOut, cells } of table) {
      for (const { fittedCells, cells: others } of heldOut) expect(fittedCells + others).toBe(cells);
      for (const { id, value, predictions } of constants) {
        expect(evidence.number(id).value).toBe(value);
        for (const prediction of predictions) {
          expect(evidence.number(prediction.id).value).toBeCloseTo(prediction.value, 6);
          expect(evidence.number(prediction.ratioId).value).toBeCloseTo(prediction.ratio, 9);
        }
      }
    }
  });
});

describe('the scoreboard', () => {
  const memory = board.filter(({ table }) => ['table-2', 'table-3', 'table-8'].includes(table));

  it('has these tables: cells, of them reproduced, deviations', () =>
    expect(memory.map(({ table, cells, reproduced, deviations }) => [table, cells, reproduced, deviations.length])).toEqual([
      ['table-2', 20, 16, 4],
      ['table-3', 27, 25, 2],
      ['table-8', 24, 17, 7],
    ]));

  it('has the headlines that follow from memory', () => {
    const computed = epdPaper.cells.filter(({ id }) => /epd\/(abstract\/(batch|images|kv-share|encode-peak-memory)|text\/(encode-peak-saving|prefill-batch|weights\/.*))$/.test(id));
    expect(computed.map(({ id, printed, scale }) => [id.replace('epd/', ''), printed, Number((evidence.number(id).value / scale).toPrecision(3))])).toEqual([
      ['abstract/batch', '22', 28],
      ['abstract/images', '10', 5],
      ['abstract/kv-share', '2.2', 2.24],
      ['abstract/encode-peak-memory', '15', 16.1],
      ['text/encode-peak-saving', '93.3', 93.8],
      ['text/prefill-batch', '14.5', 15],
      ['text/weights/encode/minicpm-v-2.6', '95', 94.9],
      ['text/weights/prefill/minicpm-v-2.6', '5', 5.12],
      ['text/weights/encode/internvl2-8b', '96.2', 96.2],
      ['text/weights/prefill/internvl2-8b', '3.7', 3.76],
      ['text/weights/encode/internvl2-26b', '78.3', 78.2],
      ['text/weights/prefill/internvl2-26b', '21.6', 21.8],
    ]);
  });

  it('gives the numbers that the functions give, down to leaves with sources', () => {
    for (const cell of EPD_MODELS.flatMap(cellsOf)) {
      const { value } = evidence.number(`epd/${cell.path}`);
      const outcome = outcomeOf(cell, fittedConstants(cell.model));
      if (outcome.outcome === 'fits') expect([cell.path, value]).toEqual([cell.path, outcome.value]);
      else expect([cell.path, value]).toEqual([cell.path, outcome.outcome === 'OOM' ? 0 : 1]);
      for (const number of evidence.tree(`epd/${cell.path}`)) if (number.formula === null) expect(number.source).not.toBeNull();
    }
    expect(evidence.number('epd/fit/minicpm-v-2.6/patch-bytes').basis).toBe('derived');
  });

  it('knows no other number', () => {
    for (const id of ['fit/minicpm-v-2.6/x', 'fit/x/patch-bytes', 'input/images/0', 'input/x', 'free/minicpm-v-2.6/decode', 'kv-left/minicpm-v-2.6/encode/4032x3024/5', 'printed/table-2/x'])
      expect(evidence.find(`epd/${id}`)).toBeNull();
  });
});

const SHARED = resolve(import.meta.dirname, '../../../shared/papers/epd/memory_tables.csv');

describe.skipIf(!existsSync(SHARED))('the transcription beside the project (skipped where that folder is absent)', () => {
  it('has the same cells', () => {
    const names: Readonly<Record<string, EpdModel>> = { 'MiniCPM-V 2.6': 'minicpm-v-2.6', 'InternVL2-8B': 'internvl2-8b', 'InternVL2-26B': 'internvl2-26b' };
    const rows = readFileSync(SHARED, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const theirs = rows.flatMap(([table = '', model = '', at = '', , distserve = '', epd = '', prefill = '']) => {
      const number = /^T(\d)/.exec(table)?.[1] ?? '';
      const path = `table-${number}/${names[model]}/${at}`;
      return number === '3' ? [`${path}/distserve ${distserve}`, `${path}/encode ${epd}`, `${path}/prefill ${prefill}`] : [`${path}/distserve ${distserve}`, `${path}/epd ${epd}`];
    });
    expect(
      EPD_MODELS.flatMap(cellsOf)
        .map(({ path, printed }) => `${path} ${printed}`)
        .sort(),
    ).toEqual(theirs.sort());
  });
});
