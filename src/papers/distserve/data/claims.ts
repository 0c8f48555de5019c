/** How many times as much, from and to where a range is printed. */
export interface Gain {
  readonly least: string;
  readonly most: string;
}

const gain = (least: string, most = least): Gain => ({ least, most });

/** Headline claims: how much higher a rate, and how much tighter objectives, of arXiv:2401.09670v3 and of its first version. */
export const headline = { rate: '7.4', slo: '12.6', firstVersion: { rate: '4.48', slo: '10.2' } } as const;

/** What the text says of Figures 8 and 9 (90 % attainment), by application and the system that is compared with. */
export const textGains: Readonly<Record<'chatbot' | 'code-completion' | 'summarization', Readonly<Record<'vllm' | 'deepspeed-mii', { readonly rate: Gain; readonly slo: Gain }>>>> = {
  chatbot: { vllm: { rate: gain('2.0', '4.6'), slo: gain('1.8', '3.2') }, 'deepspeed-mii': { rate: gain('1.6', '7.4'), slo: gain('1.7', '1.8') } },
  'code-completion': { vllm: { rate: gain('5.7'), slo: gain('1.4') }, 'deepspeed-mii': { rate: gain('1.6'), slo: gain('1.4') } },
  summarization: { vllm: { rate: gain('4.3'), slo: gain('12.6') }, 'deepspeed-mii': { rate: gain('1.8'), slo: gain('2.6') } },
};

/** What the text says of Figures 13 and 14 (99 % attainment by their captions). */
export const textGainsP99: Readonly<Record<'vllm' | 'deepspeed-mii', { readonly rate: Gain; readonly slo: Gain }>> = {
  vllm: { rate: gain('3', '8'), slo: gain('1.24', '6.67') },
  'deepspeed-mii': { rate: gain('1.32', '8'), slo: gain('1.20', '1.58') },
};
