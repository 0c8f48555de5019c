import { type AcceleratorEntry, accelerator as acceleratorOf, accelerators as entries, type PEAK_PRECISIONS, type Price, peakFor } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { describeSource } from '../../provenance/source.ts';
import { ridgePoint } from '../../roofline/roofline.ts';
import { significant } from '../../units/format.ts';
import { type CommandOf, createCommand, formatOption } from '../command.ts';
import { fieldsPrintout, sourceRows } from '../output/fields.ts';
import { footnotes } from '../output/footnotes.ts';
import { type Format, type Printout, print } from '../output/print.ts';

export const accelerators: CommandOf = (io) =>
  createCommand(io, 'accelerators', {
    description: 'The chips of the catalogue; with an id, every field of one chip and where it comes from. Peaks are dense, of one card.',
    examples: ['accelerators', 'accelerators h20', 'accelerators --prices --format csv'],
    json: [
      'an array of {...the chip, ridgePoint: {bf16, fp8, int8, fp4: number | null}, price: {usdPerHour, kind, provider, date, source, note} | null};',
      'with an id {...the chip, sources: [{field, value, basis, source, note: string | null}]};',
      'with --prices an array of {accelerator, usdPerHour, kind: "list" | "ownership" | "assumption", provider, date, source, note: string | null}',
    ].join('\n'),
  })
    .argument('[id]', 'one chip')
    .option('--prices', 'all prices that were found, with their dates')
    .addOption(formatOption('accelerators'))
    .action((id: string | undefined, { prices, format }: { readonly prices?: true; readonly format: Format }) => {
      if (id === '') throw new InputError('accelerators: id "" is empty');
      const chosen = id === undefined ? entries : [acceleratorOf(id)];
      if (prices) return print(io, format, pricesPrintout(chosen));
      print(io, format, id === undefined ? acceleratorsPrintout(chosen) : acceleratorPrintout(acceleratorOf(id)));
    });

/** What a price says beside its amount. */
interface PlainPrice {
  readonly usdPerHour: number;
  readonly kind: Price['kind'];
  readonly provider: string;
  readonly date: string;
  readonly source: string;
  readonly note: string | null;
}

const plain = ({ usdPerHour, kind, provider, date, source, note }: Price): PlainPrice => ({ usdPerHour, kind, provider, date, source: describeSource(source), note: note ?? null });

/** The dated price behind the amount that a chip uses. */
function usedPrice({ accelerator, prices, sources }: AcceleratorEntry): PlainPrice | null {
  const used = prices.find(({ usdPerHour, source }) => usdPerHour === accelerator.usdPerHour && source === sources.get('usdPerHour')?.source);
  return used === undefined ? null : plain(used);
}

function ridgePoints({ accelerator: { peak, memoryBandwidth } }: AcceleratorEntry): Readonly<Record<(typeof PEAK_PRECISIONS)[number], number | null>> {
  const ridge = (flopPerSecond: number | null): number | null => (flopPerSecond === null ? null : ridgePoint.evaluate({ peak: flopPerSecond, memoryBandwidth }));
  return { bf16: ridge(peak.bf16), fp8: ridge(peak.fp8), int8: ridge(peak.int8), fp4: ridge(peak.fp4) };
}

function acceleratorsPrintout(chosen: readonly AcceleratorEntry[]): Printout {
  const rows = chosen.map((entry) => ({ ...entry.accelerator, ridgePoint: ridgePoints(entry), price: usedPrice(entry) }));
  const { marks, lines } = footnotes(rows.map(({ price }) => (price === null ? [] : [`${price.kind}: ${price.provider}; ${price.source}`])));
  const tera = (value: number | null): string => (value === null ? '–' : significant(value / 1e12));
  const group = 'dense TFLOP/s';
  return {
    json: rows,
    rows: rows.map(({ peak, ridgePoint, price, ...row }) => ({
      ...row,
      ...prefixed('peak', peak),
      ...prefixed('ridgePoint', ridgePoint),
      priceKind: price?.kind ?? null,
      priceProvider: price?.provider ?? null,
      priceDate: price?.date ?? null,
      priceSource: price?.source ?? null,
    })),
    tables: [
      {
        columns: [
          { header: 'id' },
          { header: 'name' },
          { header: 'BF16', number: true, group },
          { header: 'FP8', number: true, group },
          { header: 'INT8', number: true, group },
          { header: 'TB/s', number: true },
          { header: 'GiB', number: true },
          { header: 'FLOP/B', number: true },
          { header: 'USD/h', number: true },
          { header: 'of' },
          { header: 'see' },
        ],
        rows: rows.map((row, at) => {
          const { flopPerSecond } = peakFor(row, 'fp8');
          return [
            row.id,
            row.name.replace(/ \(.*\)$/, ''),
            tera(row.peak.bf16),
            tera(row.peak.fp8),
            tera(row.peak.int8),
            tera(row.memoryBandwidth),
            String(Number(significant(row.memoryCapacity / 2 ** 30))),
            significant(ridgePoint.evaluate({ peak: flopPerSecond, memoryBandwidth: row.memoryBandwidth })),
            row.usdPerHour === null ? '–' : String(row.usdPerHour),
            row.price?.date ?? '',
            marks[at] ?? '',
          ];
        }),
        notes: ['FLOP/B: ridge point in FP8, in BF16 where the chip lacks FP8', ...lines],
      },
    ],
  };
}

const prefixed = (prefix: string, values: Readonly<Record<string, number | null>>): Readonly<Record<string, number | null>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));

function acceleratorPrintout({ accelerator, sources }: AcceleratorEntry): Printout {
  const rows = sourceRows(accelerator, sources);
  return fieldsPrintout(`${accelerator.name} (${accelerator.id})`, { ...accelerator, sources: rows }, rows);
}

function pricesPrintout(chosen: readonly AcceleratorEntry[]): Printout {
  const rows = chosen.flatMap(({ accelerator, prices }) => prices.map((price) => ({ accelerator: accelerator.id, ...plain(price) })));
  const { marks, lines } = footnotes([...rows.map(({ source, note }) => [note === null ? source : `${source}; ${note}`]), []]);
  return {
    json: rows,
    rows,
    tables: [
      {
        columns: [{ header: 'chip' }, { header: 'USD/h', number: true }, { header: 'kind' }, { header: 'provider' }, { header: 'date' }, { header: 'see' }],
        rows: rows.map(({ accelerator, usdPerHour, kind, provider, date }, at) => [accelerator, String(usdPerHour), kind, provider, date, marks[at] ?? '']),
        notes: ['list: on demand unless noted; ownership: modelled, never paid; assumption: of a paper or company for its own arithmetic', ...lines],
      },
    ],
  };
}
