/**
 * Seconds that one pipeline stage of an instance takes for a batch, whatever they come from: coefficients of the released simulator,
 * the form of the paper's Appendix A, or calibrated kernels.
 */
export interface StageTimes {
  /**
   * @param prompts of the batch @param tokens of them together @param squares sum of the squares of their lengths @param isFirst whether it is the first stage, which also schedules
   * @param media that an instance which also encodes has to read first, of all prompts together
   */
  prefill(prompts: number, tokens: number, squares: number, isFirst: boolean, media: number): number;
  /** One token for each request. @param requests of the batch @param context tokens that they have in the cache together, before this step */
  decode(requests: number, context: number, isFirst: boolean): number;
}
