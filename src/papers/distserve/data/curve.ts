/** Points of a drawn curve, in the order in which they are drawn. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Systems that the evaluation compares. */
export type System = 'distserve' | 'deepspeed-mii' | 'vllm';

/** Share of requests within both objectives, of each system over one axis; a system that could not run is absent. */
export interface AttainmentPanel {
  /** requests per second and GPU, or the factor by which both objectives are scaled */
  readonly x: readonly number[];
  readonly attainmentPercent: Readonly<Partial<Record<System, readonly number[]>>>;
  /** the vertical lines: where a curve last crosses the attainment that is asked for; at the end of the axis where it never reaches it */
  readonly lines: readonly { readonly figure: number; readonly percent: number; readonly at: Readonly<Partial<Record<System, number>>> }[];
}

/** One model and data set: attainment over the rate, and over the scale of the objectives at a fixed rate. */
export interface Attainment {
  readonly gpus: Readonly<Partial<Record<System, number>>>;
  readonly requestsPerGpu: number;
  /** requests per second and GPU at which the objectives are scaled */
  readonly sloScaleRate: number;
  readonly rate: AttainmentPanel;
  readonly sloScale: AttainmentPanel;
}
