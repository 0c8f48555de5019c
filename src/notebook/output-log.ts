import type { JsonObject } from '../chart/spec.ts';
import type { Message } from './message.ts';
import type { Output } from './notebook-file.ts';

/** Collects the outputs of one cell from the kernel's messages; text of one stream in a row is one output, as in a saved notebook. */
export class OutputLog {
  readonly outputs: Output[] = [];
  private readonly displayed = new Map<string, number>();

  add({ type, content }: Message): void {
    const last = this.outputs.at(-1);
    const { name, text, data, metadata, transient } = content as { name: 'stdout' | 'stderr'; text: string; data: JsonObject; metadata?: JsonObject; transient?: { display_id?: string } };
    if (type === 'stream') {
      if (last?.output_type === 'stream' && last.name === name) this.outputs[this.outputs.length - 1] = { ...last, text: last.text + text };
      else this.outputs.push({ output_type: 'stream', name, text });
    } else if (type === 'display_data' || type === 'update_display_data') {
      const id = transient?.display_id;
      const known = id === undefined ? undefined : this.displayed.get(id);
      const at = type === 'update_display_data' && known !== undefined ? known : this.outputs.length;
      this.outputs[at] = { output_type: 'display_data', data, metadata: metadata ?? {} };
      if (id !== undefined) this.displayed.set(id, at);
    }
  }
}
