import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/chart/spec.ts';
import { OutputLog } from '../../src/notebook/output-log.ts';

const logOf = (...messages: readonly (readonly [string, JsonObject])[]) => {
  const log = new OutputLog();
  for (const [type, content] of messages) log.add({ id: '', parent: '', type, content });
  return log.outputs;
};
const text = (name: string, value: string) => ['stream', { name, text: value }] as const;
const display = (type: string, html: string, id?: string) => [type, { data: { 'text/html': html }, metadata: {}, transient: id === undefined ? {} : { display_id: id } }] as const;

describe('OutputLog', () => {
  it('joins text of one stream in a row and nothing else', () => {
    expect(logOf(text('stdout', 'a'), text('stdout', 'b\n'), text('stderr', 'c'), text('stdout', 'd'))).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'ab\n' },
      { output_type: 'stream', name: 'stderr', text: 'c' },
      { output_type: 'stream', name: 'stdout', text: 'd' },
    ]);
  });

  it('replaces what is displayed when it is updated', () => {
    const outputs = logOf(display('display_data', '0 %', 'bar'), display('display_data', 'other'), display('update_display_data', '100 %', 'bar'));
    expect(outputs.map((output) => output.output_type === 'display_data' && output.data['text/html'])).toEqual(['100 %', 'other']);
  });

  it('ignores what is no output', () => {
    expect(logOf(['execute_input', { code: '1' }], ['status', { execution_state: 'busy' }])).toEqual([]);
  });
});
