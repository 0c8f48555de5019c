import { FILL_HUES, modelColour } from './theme.ts';

/** The stages of a multimodal request, in their order. */
export const REQUEST_STAGES = ['encode', 'prefill', 'decode'] as const;
export type RequestStage = (typeof REQUEST_STAGES)[number];

/** Prefill and decode as in `timeShares`, where the transfer between them has the hue of encode. */
const HUES: Readonly<Record<RequestStage, number>> = { prefill: 0, encode: 1, decode: 2 };

/** One colour a stage in all charts of stages. */
export const stageColour = (stage: RequestStage): string => modelColour(FILL_HUES[HUES[stage]] ?? '');

/** `Encode` */
export const stageName = (stage: RequestStage): string => `${stage[0]?.toUpperCase()}${stage.slice(1)}`;
