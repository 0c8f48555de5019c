import { positiveIntegers, wholeNumbers } from './checks.ts';
import { type RuleModel, squareTile } from './rule.ts';

/** Gemma 3: one square tile whatever the image; crops ("pan and scan") are off, as they are unless asked for. */
export interface WholeRule {
  readonly kind: 'whole';
  readonly side: number;
  readonly patch: number;
  readonly tokens: number;
  /** tokens before and after an image: begin, end, and a line break on either side */
  readonly imageMarkers: number;
}

/** One tile; prompt = its tokens + image markers. */
export const whole: RuleModel<WholeRule> = {
  fields: ['kind', 'side', 'patch', 'tokens', 'imageMarkers'],
  validate: (rule) => {
    positiveIntegers('whole', rule, ['side', 'patch', 'tokens']);
    wholeNumbers('whole', rule, ['imageMarkers']);
  },
  split: ({ side, patch, tokens, imageMarkers }) => ({ tiles: [squareTile(side, patch, tokens)], markers: imageMarkers }),
};
