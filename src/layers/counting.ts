/**
 * What is counted, and how. Each switch is one difference between the Step-3 paper's rules (false) and exact counting
 * (true); DESIGN of the project: a number is comparable only with numbers of the same counting, so outputs name it.
 */
export interface Counting {
  /** MLA core: 2 (latent + rope) for q k^T and 2 latent for p v per head and token, instead of 4 (latent + rope) */
  readonly mlaValueWidth: boolean;
  /** a chunked layer at context S reads its position in the chunk, ((S - 1) mod c) + 1, instead of min(S, c) */
  readonly chunkPosition: boolean;
  /** the larger of compute and memory time is taken for each attention operator, instead of once over their sums */
  readonly perOperatorRoofline: boolean;
  /** the router of an MoE layer is counted */
  readonly router: boolean;
  /** the LM head is counted, in columns of its own */
  readonly head: boolean;
  /** the KV of the new token is written once */
  readonly kvWrite: boolean;
}

export const COUNTING_SWITCHES = ['mlaValueWidth', 'chunkPosition', 'perOperatorRoofline', 'router', 'head', 'kvWrite'] as const satisfies readonly (keyof Counting)[];

const all = (value: boolean): Counting => Object.freeze({ mlaValueWidth: value, chunkPosition: value, perOperatorRoofline: value, router: value, head: value, kvWrite: value });

/** Counts as arXiv:2507.19427v1 does (section 4.1, Tables 2 and 3). */
export const step3Counting: Counting = all(false);
/** The default: everything that DESIGN lists counted exactly. */
export const exactCounting: Counting = all(true);
