import { formula } from '../provenance/card.ts';

const definition = { kind: 'derived', from: 'definition' } as const;
const contextLength = { unit: '1', meaning: 'context length, tokens', tex: 'S' } as const;

export const attendedAll = formula({
  id: 'evidence/attended-all',
  name: 'Tokens attended by full attention',
  symbols: { contextLength },
  expression: 'contextLength',
  unit: '1',
  evaluate: ({ contextLength }) => contextLength,
  source: definition,
});

export const attendedWindow = formula({
  id: 'evidence/attended-window',
  name: 'Tokens attended within a window',
  symbols: { contextLength, window: { unit: '1', meaning: 'tokens of the window or chunk', tex: 'w' } },
  expression: 'min(contextLength, window)',
  unit: '1',
  evaluate: ({ contextLength, window }) => Math.min(contextLength, window),
  source: definition,
});

export const attendedChunk = formula({
  id: 'evidence/attended-chunk',
  name: 'Tokens attended within the own chunk',
  symbols: { contextLength, chunk: { unit: '1', meaning: 'tokens of a chunk', tex: 'c' } },
  expression: 'mod(contextLength - 1, chunk) + 1',
  unit: '1',
  evaluate: ({ contextLength, chunk }) => {
    if (contextLength < 1) throw new RangeError(`evidence: contextLength ${contextLength} is less than 1`);
    return ((contextLength - 1) % chunk) + 1;
  },
  source: definition,
});

const ratio = { unit: '1', meaning: 'tokens of an entry', tex: 'm' } as const;

export const attendedEntries = formula({
  id: 'evidence/attended-entries',
  name: 'Entries attended, each of several tokens',
  symbols: { contextLength, ratio },
  expression: 'floor(contextLength / ratio)',
  unit: '1',
  evaluate: ({ contextLength, ratio }) => Math.floor(contextLength / ratio),
  source: definition,
});

export const attendedChosen = formula({
  id: 'evidence/attended-chosen',
  name: 'Entries attended, the best of those there are',
  symbols: { contextLength, ratio, most: { unit: '1', meaning: 'entries that are chosen', tex: 'k' } },
  expression: 'min(floor(contextLength / ratio), most)',
  unit: '1',
  evaluate: ({ contextLength, ratio, most }) => Math.min(Math.floor(contextLength / ratio), most),
  source: definition,
});

export const stateKept = formula({
  id: 'evidence/state-kept',
  name: 'State bytes kept by a request in one layer',
  symbols: { moved: { unit: 'B', meaning: 'state bytes read and written for one token', tex: 'M_s' } },
  expression: 'moved / 2',
  unit: 'B',
  evaluate: ({ moved }) => moved / 2,
  source: definition,
});

const layers = { unit: '1', meaning: 'layers that hold the operator', tex: 'L' } as const;

export const layersFlop = formula({
  id: 'evidence/layers-flop',
  name: 'Work of one operator in all its layers',
  symbols: { layers, flopPerLayer: { unit: 'FLOP', meaning: 'work in one layer', tex: 'F_1' } },
  expression: 'layers * flopPerLayer',
  unit: 'FLOP',
  evaluate: ({ layers, flopPerLayer }) => layers * flopPerLayer,
  source: definition,
});

export const layersAttendedFlop = formula({
  id: 'evidence/layers-attended-flop',
  name: 'Core attention work in all layers',
  symbols: { layers, flopPerAttended: { unit: 'FLOP', meaning: 'work for one attended token in one layer', tex: 'F_1' }, attended: { unit: '1', meaning: 'attended tokens', tex: 'A' } },
  expression: 'layers * flopPerAttended * attended',
  unit: 'FLOP',
  evaluate: ({ layers, flopPerAttended, attended }) => layers * flopPerAttended * attended,
  source: definition,
});

export const layersAttendedBytes = formula({
  id: 'evidence/layers-attended-bytes',
  name: 'KV bytes read in all layers',
  symbols: { layers, bytesPerToken: { unit: 'B', meaning: 'KV bytes of one token in one layer', tex: 'M_1' }, attended: { unit: '1', meaning: 'attended tokens', tex: 'A' } },
  expression: 'layers * bytesPerToken * attended',
  unit: 'B',
  evaluate: ({ layers, bytesPerToken, attended }) => layers * bytesPerToken * attended,
  source: definition,
});

export const layersBytes = formula({
  id: 'evidence/layers-bytes',
  name: 'Bytes of one operator in all its layers',
  symbols: { layers, bytesPerLayer: { unit: 'B', meaning: 'bytes in one layer', tex: 'M_1' } },
  expression: 'layers * bytesPerLayer',
  unit: 'B',
  evaluate: ({ layers, bytesPerLayer }) => layers * bytesPerLayer,
  source: definition,
});

export const layersWeights = formula({
  id: 'evidence/layers-weights',
  name: 'Parameters of one operator in all its layers',
  symbols: { layers, weights: { unit: '1', meaning: 'parameters in one layer', tex: 'W_1' } },
  expression: 'layers * weights',
  unit: '1',
  evaluate: ({ layers, weights }) => layers * weights,
  source: definition,
});

export const expertWeights = formula({
  id: 'evidence/expert-weights',
  name: 'Weights of several experts',
  symbols: { weights: { unit: '1', meaning: 'weights of one expert', tex: 'W_e' }, experts: { unit: '1', meaning: 'experts', tex: 'k' } },
  expression: 'weights * experts',
  unit: '1',
  evaluate: ({ weights, experts }) => weights * experts,
  source: definition,
});
