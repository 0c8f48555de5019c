import type { NumberSpec } from '../../evidence/number.ts';
import { type Gain, headline, textGains, textGainsP99 } from './data/claims.ts';
import type { Attainment, System } from './data/curve.ts';
import { figure1, figure1Text } from './data/figure1.ts';
import { figure8 } from './data/figure8.ts';
import { figure9 } from './data/figure9.ts';
import { balancedGoodput, gainOfRates, gainOfScales } from './formulas.ts';
import { derived, ID, type Item, item, printedLeaf } from './item.ts';

type Other = Exclude<System, 'distserve'>;
type Measure = 'rate' | 'slo';

const DRAWN: readonly { readonly id: string; readonly figure: 8 | 9; readonly application: keyof typeof textGains; readonly drawn: Attainment }[] = [
  ...Object.entries(figure8).map(([id, drawn]) => ({ id, figure: 8 as const, application: 'chatbot' as const, drawn })),
  { id: 'humaneval', figure: 9, application: 'code-completion', drawn: figure9.humaneval },
  { id: 'longbench', figure: 9, application: 'summarization', drawn: figure9.longbench },
];
type Drawn = (typeof DRAWN)[number];

/** The line of a system: at 90 % in Figures 8 and 9, at the higher share in Figures 13 and 14. */
const lineAt = ({ drawn }: Drawn, measure: Measure, level: 0 | 1, system: System): number | undefined => (measure === 'rate' ? drawn.rate : drawn.sloScale).lines[level]?.at[system];
const lineId = ({ id }: Drawn, measure: Measure, level: 0 | 1, system: System): string => `${ID}/line/${level === 0 ? '90' : '99'}/${id}/${system}/${measure}`;

const gainOf = (each: Drawn, measure: Measure, level: 0 | 1, other: Other): number => {
  const [ours, theirs] = [lineAt(each, measure, level, 'distserve') ?? Number.NaN, lineAt(each, measure, level, other) ?? Number.NaN];
  return measure === 'rate' ? ours / theirs : theirs / ours;
};

/** The gain over a system in the case where it is least or most. */
function extreme(cases: readonly Drawn[], measure: Measure, level: 0 | 1, others: readonly Other[], which: 'least' | 'most'): NumberSpec {
  const gains = cases.flatMap((each) => others.filter((other) => lineAt(each, measure, level, other) !== undefined).map((other) => ({ each, other, gain: gainOf(each, measure, level, other) })));
  const found = gains.reduce((best, next) => ((which === 'least' ? next.gain < best.gain : next.gain > best.gain) ? next : best));
  const [ours, theirs] = (['distserve', found.other] as const).map((system) => lineId(found.each, measure, level, system)) as [string, string];
  const label = `${measure === 'rate' ? 'rate' : 'tightness of objectives'} over that of ${found.other}, ${found.each.id}, as drawn`;
  return measure === 'rate' ? derived(label, gainOfRates, { rate: ours, other: theirs }) : derived(label, gainOfScales, { scale: ours, other: theirs });
}

const AS_DRAWN = 'from the vertical lines as they are drawn, which can be read to a thousandth; the text does not say how it rounds or reads them';
const AS_DRAWN_P99 = 'from the vertical lines as they are drawn: they stand at 96.5 to 99 %, where the captions say 99 %, and the text has other numbers';
const DEVIATES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['chatbot/vllm/slo/least', 'chatbot/vllm/slo/most', 'chatbot/deepspeed-mii/slo/least', 'code-completion/deepspeed-mii/slo', 'summarization/vllm/rate'].map((path) => [
      `text/gain/${path}`,
      AS_DRAWN,
    ]),
  ),
  ...Object.fromEntries(
    ['vllm/rate/most', 'vllm/slo/least', 'vllm/slo/most', 'deepspeed-mii/rate/least', 'deepspeed-mii/rate/most', 'deepspeed-mii/slo/least', 'deepspeed-mii/slo/most'].map((path) => [
      `text/gain-p99/${path}`,
      AS_DRAWN_P99,
    ]),
  ),
};

function gainItems(path: string, where: string, { least, most }: Gain, number: (which: 'least' | 'most') => NumberSpec): readonly Item[] {
  const one = (which: 'least' | 'most', suffix: string): Item => {
    const at = `${path}${suffix}`;
    const because = DEVIATES[at];
    return item(at, which === 'least' ? least : most, where, number(which), because === undefined ? {} : { deviates: because });
  };
  return least === most ? [one('most', '')] : [one('least', '/least'), one('most', '/most')];
}

const MEASURES = ['rate', 'slo'] as const;
const OTHERS = ['vllm', 'deepspeed-mii'] as const;

const textGainItems: readonly Item[] = (Object.keys(textGains) as (keyof typeof textGains)[]).flatMap((application) =>
  OTHERS.flatMap((other) =>
    MEASURES.flatMap((measure) =>
      gainItems(`text/gain/${application}/${other}/${measure}`, `section 6.2, ${application}, ${measure} over ${other}`, textGains[application][other][measure], (which) =>
        extreme(
          DRAWN.filter((each) => each.application === application),
          measure,
          0,
          [other],
          which,
        ),
      ),
    ),
  ),
);

const p99Items: readonly Item[] = OTHERS.flatMap((other) =>
  MEASURES.flatMap((measure) =>
    gainItems(`text/gain-p99/${other}/${measure}`, `text on Figures 13 and 14, ${measure} over ${other}`, textGainsP99[other][measure], (which) => extreme(DRAWN, measure, 1, [other], which)),
  ),
);

const abstractItems: readonly Item[] = MEASURES.map((measure) =>
  item(`abstract/${measure}`, headline[measure], `abstract, gain in ${measure === 'rate' ? 'rate' : 'objectives'}`, extreme(DRAWN, measure, 0, OTHERS, 'most')),
);

const goodputLeaf = (phase: keyof typeof figure1.goodput): string => `${ID}/input/goodput-${phase}`;
const perGpu = `${ID}/text/goodput-per-gpu`;
const figure1TextItems: readonly Item[] = [
  item(
    'text/goodput-per-gpu',
    figure1Text.goodputPerGpu,
    'section 1, requests per second and GPU of two prefill GPUs and one decode GPU',
    derived('rate per GPU of two prefill GPUs and one decode GPU', balancedGoodput, {
      prefill: goodputLeaf('prefill'),
      decode: goodputLeaf('decode'),
      prefillGpus: `${ID}/input/prefill-gpus`,
      decodeGpus: `${ID}/input/decode-gpus`,
    }),
  ),
  item(
    'text/goodput-gain',
    figure1Text.gain,
    'section 1, gain over a GPU that does both',
    derived('rate per GPU over that of a GPU that does both', gainOfRates, { rate: perGpu, other: goodputLeaf('colocated') }),
  ),
];

/** What the text and the abstract say, from the lines and annotations of the figures. */
export const claimItems: readonly Item[] = [...figure1TextItems, ...textGainItems, ...p99Items, ...abstractItems];

export const claimInputs: Readonly<Record<string, NumberSpec>> = {
  ...Object.fromEntries(Object.entries(figure1.goodput).map(([phase, rate]) => [`input/goodput-${phase}`, printedLeaf(`requests per second of a GPU, ${phase}`, Number(rate), '1/s', 'Figure 1')])),
  'input/prefill-gpus': printedLeaf('prefill GPUs', 2, '1', 'section 1'),
  'input/decode-gpus': printedLeaf('decode GPUs', 1, '1', 'section 1'),
  ...Object.fromEntries(
    DRAWN.flatMap((each) =>
      MEASURES.flatMap((measure) =>
        ([0, 1] as const).flatMap((level) =>
          (['distserve', ...OTHERS] as const).flatMap((system) => {
            const at = lineAt(each, measure, level, system);
            const figure = level === 0 ? each.figure : each.figure + 5;
            const leaf = printedLeaf(`line of ${system}, ${each.id}`, at ?? 0, measure === 'rate' ? '1/s' : '1', `Figure ${figure}, read from the line`);
            return at === undefined ? [] : [[lineId(each, measure, level, system).slice(ID.length + 1), leaf]];
          }),
        ),
      ),
    ),
  ),
};
