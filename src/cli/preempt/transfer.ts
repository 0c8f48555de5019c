import { InputError } from '../../io/input-error.ts';
import { moveSeconds } from '../../serving/preemption/copies.ts';
import { blocksOf, bytesOfBlock, cacheLayout, movedInGroups, piecesOfBlock } from '../../serving/preemption/layout.ts';
import { crossoverGroup, duplexTime, linkUtilisation } from '../../serving/preemption/transfer.ts';
import { binary, contextLabel, significant } from '../../units/format.ts';
import { type Catalogue, pickModels } from '../catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import type { Printout } from '../output/print.ts';
import { beyond, type CatalogueOptions, type CopyOptions, commonNotes, copiesOf, counted, hostLink, linksOf, PLACE, policyOf, told } from './options.ts';

export interface TransferOptions extends CatalogueOptions, CopyOptions {
  readonly models?: readonly string[];
  readonly links?: readonly string[];
  readonly contexts?: readonly number[];
  readonly groups?: readonly number[];
}

/** A cache that goes out to the host and comes back. */
export interface TransferRow {
  readonly model: string;
  readonly link: string;
  readonly context: number;
  readonly groupBlocks: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly piecesPerBlock: number;
  /** mean bytes of one call */
  readonly pieceBytes: number;
  readonly calls: number;
  readonly bytes: number;
  readonly outSeconds: number;
  readonly inSeconds: number;
  /** one such cache out and another in at the same time */
  readonly bothSeconds: number;
  /** of the swap-in, bytes/s and share of the line rate, or of the bandwidth that was given */
  readonly bytesPerSecond: number;
  readonly utilisation: number;
  /** blocks of a group at which copies reach half of the rate of large ones, swap-in: max(d / 2, c) B / s, with t = max(d, c + x / B) of a piece */
  readonly crossoverGroup: number;
  readonly notes: readonly string[];
}

const DEFAULT_MODELS = ['llama-3.1-8b', 'qwen3-32b', 'deepseek-v3', 'step-3'];
const DEFAULT_CONTEXTS = [2048];
/** single blocks, and the mean group of arXiv:2411.18424, section 3.1 */
const DEFAULT_GROUPS = [1, 20];

/** What a context switch moves, and how long it takes. */
export function transferred(options: TransferOptions, catalogue: Catalogue): Printout {
  const { contexts = DEFAULT_CONTEXTS, groups, layout: kind, blockTokens, bandwidth } = options;
  const links = linksOf(options.links);
  const rows = pickModels(PLACE, catalogue, options.models, DEFAULT_MODELS).flatMap((model) => {
    const precision = policyOf(model, options.precision);
    const layout = told(() => cacheLayout(model, { kind, blockTokens, precision }));
    return links.flatMap((id) => {
      const peak = bandwidth ?? hostLink(id).rawPerDirection;
      const copies = told(() => copiesOf(id, options));
      return contexts.flatMap((context) =>
        // of the groups that nobody asked for, those that the context has
        (groups ?? DEFAULT_GROUPS.filter((group) => group <= blocksOf(layout, context))).map((groupBlocks): TransferRow => {
          const blocks = blocksOf(layout, context);
          if (groupBlocks > blocks) throw new InputError(`${PLACE}: groups ${groupBlocks} is more than the ${counted(blocks, 'block')} of ${context} tokens`);
          const moved = movedInGroups(layout, blocks, groupBlocks);
          const [outSeconds, inSeconds] = [moveSeconds(moved, copies.d2h), moveSeconds(moved, copies.h2d)];
          const { dispatchSeconds, secondsPerCall, bytesPerSecond } = copies.h2d;
          return {
            model: model.id,
            link: id,
            context,
            groupBlocks,
            blocks,
            blockBytes: bytesOfBlock(layout),
            piecesPerBlock: piecesOfBlock(layout),
            pieceBytes: moved.bytes / moved.calls,
            calls: moved.calls,
            bytes: moved.bytes,
            outSeconds,
            inSeconds,
            bothSeconds: duplexTime.evaluate({ outTime: outSeconds, inTime: inSeconds, outBytes: moved.bytes, inBytes: moved.bytes, bothBandwidth: copies.bothDirectionsBytesPerSecond }),
            bytesPerSecond: moved.bytes / inSeconds,
            utilisation: linkUtilisation.evaluate({ bytes: moved.bytes, time: inSeconds, peak }),
            crossoverGroup: crossoverGroup.evaluate({ dispatch: Math.max(dispatchSeconds / 2, secondsPerCall), bandwidth: bytesPerSecond, sliceBytes: bytesOfBlock(layout) / piecesOfBlock(layout) }),
            notes: [...commonNotes(catalogue, model, precision, copies, bandwidth), ...beyond(model, context)],
          };
        }),
      );
    });
  });
  return { json: rows, rows: rows.map(({ notes, ...row }) => ({ ...row, notes: notes.join('; ') })), tables: [tableOf(rows, bandwidth)] };
}

function tableOf(rows: readonly TransferRow[], bandwidth: number | undefined): Printout['tables'][number] {
  const number = true;
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  return {
    title: 'Swapping a cache out and in',
    columns: [
      { header: 'model' },
      { header: 'link' },
      { header: 'context', number },
      { header: 'group', number },
      { header: 'block' },
      { header: 'piece' },
      { header: 'calls', number },
      { header: 'bytes' },
      { header: 'out', number, group: 'ms' },
      { header: 'in', number, group: 'ms' },
      { header: 'both', number, group: 'ms' },
      { header: 'GB/s', number, group: 'in' },
      { header: '% of line', number, group: 'in' },
      { header: 'crossover', number },
      { header: 'notes' },
    ],
    rows: rows.map((row, at) => [
      row.model,
      row.link,
      contextLabel(row.context),
      String(row.groupBlocks),
      binary(row.blockBytes),
      binary(row.pieceBytes),
      String(row.calls),
      binary(row.bytes),
      significant(1e3 * row.outSeconds, 3),
      significant(1e3 * row.inSeconds, 3),
      significant(1e3 * row.bothSeconds, 3),
      significant(1e-9 * row.bytesPerSecond, 3),
      significant(100 * row.utilisation, 3),
      significant(row.crossoverGroup, 3),
      marks[at] ?? '',
    ]),
    notes: [
      'group: blocks that lie together, of which one call copies a piece; piece: mean bytes of a call; crossover: blocks of a group at which copies reach half of their rate',
      'both: one cache goes out while another comes in',
      ...(bandwidth === undefined ? [] : ['% of line: of --bandwidth']),
      ...lines,
    ],
  };
}
