import { describe, expect, it } from 'vitest';
import { cleanNotebook, code, markdown, notebook, parseNotebook, serialiseNotebook } from '../../src/notebook/notebook-file.ts';

const small = notebook([markdown('# Question\n\nWhy?'), code('const a = 1;\na;')]);
const file = (cells: unknown, rest: object = {}): string => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...rest });
const codeCell = { cell_type: 'code', id: 'a', metadata: {}, source: [], execution_count: null, outputs: [] };

describe('serialiseNotebook', () => {
  it('writes as Jupyter does: sorted keys, indent 1, lines with their ends', () => {
    const text = serialiseNotebook(small);
    expect(text.startsWith('{\n "cells": [\n  {\n   "cell_type": "markdown",\n   "id": "cell-1",')).toBe(true);
    expect(JSON.parse(text).cells[1].source).toEqual(['const a = 1;\n', 'a;']);
    expect(text.endsWith('\n "nbformat": 4,\n "nbformat_minor": 5\n}\n')).toBe(true);
  });

  it('is read back as it was', () => {
    expect(parseNotebook(serialiseNotebook(small), 'small')).toEqual(small);
  });
});

describe('cleanNotebook', () => {
  it('takes out what running and editing put in, and keeps source, ids and tags', () => {
    const ran = parseNotebook(
      file(
        [
          {
            ...codeCell,
            source: 'x',
            execution_count: 7,
            metadata: { tags: ['slow'], execution: { 'iopub.status.busy': '2026-01-01' } },
            outputs: [{ output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] }],
          },
          { cell_type: 'markdown', id: 'b', metadata: { collapsed: true }, source: 'y' },
        ],
        { metadata: { kernelspec: { name: 'other' }, widgets: {} } },
      ),
      'ran',
    );
    expect(ran.cells[0]).toMatchObject({ outputs: [{ text: 'a\nb' }] });
    const clean = cleanNotebook(ran);
    expect(clean.cells).toEqual([
      { ...codeCell, source: 'x', metadata: { tags: ['slow'] } },
      { cell_type: 'markdown', id: 'b', metadata: {}, source: 'y' },
    ]);
    expect(clean.metadata).toMatchObject({ kernelspec: { name: 'tslab' } });
    expect(cleanNotebook(clean)).toEqual(clean);
  });
});

describe('parseNotebook', () => {
  it('numbers cells of a notebook before format 4.5', () => {
    expect(parseNotebook(file([{ cell_type: 'raw', metadata: {}, source: '' }], { nbformat_minor: 2 }), 'old').cells[0]?.id).toBe('cell-1');
  });

  it.each([
    ['not JSON', '{', /^x: /],
    ['a list', '[]', /^x: notebook \[\] is not an object$/],
    ['format 3', JSON.stringify({ nbformat: 3, worksheets: [] }), /^x: nbformat 3 is not 4$/],
    ['no cells', JSON.stringify({ nbformat: 4, metadata: {} }), /^x: cells undefined is not a list$/],
    ['no metadata', JSON.stringify({ nbformat: 4, cells: [] }), /^x: metadata undefined is not an object$/],
    ['an unknown cell', file([{ ...codeCell, cell_type: 'sql' }]), /^x: cells\.0\.cell_type "sql" is not code, markdown or raw$/],
    ['a source of numbers', file([{ ...codeCell, source: [1] }]), /^x: cells\.0\.source \[1\] is not text$/],
    ['one id twice', file([codeCell, codeCell]), /^x: cells\.1\.id "a" is used twice$/],
    ['a bad id', file([{ ...codeCell, id: 'a b' }]), /^x: cells\.0\.id "a b" is not/],
    ['a count in words', file([{ ...codeCell, execution_count: 'two' }]), /^x: cells\.0\.execution_count "two" is not null or an integer$/],
    ['no outputs', file([{ ...codeCell, outputs: null }]), /^x: cells\.0\.outputs null is not a list$/],
    ['an unknown output', file([{ ...codeCell, outputs: [{ output_type: 'pyout' }] }]), /^x: cells\.0\.outputs\.0\.output_type "pyout" is not a kind of output$/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseNotebook(text, 'x')).toThrow(text === '{' ? /^notebook: file x is not JSON/ : message);
  });
});
