// The library. One line per file, grouped by room; rooms in the order in which they import each other.

// Accelerators: chips, prices, links.
export {
  type Accelerator,
  type AcceleratorEntry,
  type AcceleratorOverrides,
  accelerator,
  accelerators,
  type Link,
  type LinkEntry,
  link,
  links,
  type Peak,
  type PeakPrecision,
  type Price,
  peakFor,
  withOverrides,
} from './accelerators/index.ts';
// Charts: data in, Vega-Lite spec out.
export { type AllocationHeatOptions, type AllocationRow, allocationHeat, type WorkerCounts } from './chart/allocation-heat.ts';
export { type BreakEvenBandRow, type BreakEvenBandsOptions, breakEvenBands } from './chart/break-even-bands.ts';
export { type CopyBandwidthOptions, type CopyBandwidthRow, copyBandwidth } from './chart/copy-bandwidth.ts';
export { type ImageCostBarsOptions, type ImageCostRow, imageCostBars } from './chart/image-cost-bars.ts';
export { type ImageTokenRow, type ImageTokenStepsOptions, imageTokenSteps } from './chart/image-token-steps.ts';
export {
  type AttainmentCrossing,
  type AttainmentLinesOptions,
  type AttainmentRow,
  attainmentLines,
  type BandRow,
  type CacheCurveRow,
  type Caption,
  type Chart,
  type ChipCostRow,
  type Cited,
  type CostBarRow,
  type CostCurveRow,
  type CostCurvesOptions,
  type CostTpotRow,
  type CostVsTpotOptions,
  type CumulativeRow,
  type CumulativeShareOptions,
  type CurveCrossing,
  cacheCurves,
  cheapestBands,
  costBars,
  costCurves,
  costCurvesByChip,
  costVsTpot,
  cumulativeShare,
  type DeviationDotsOptions,
  type DeviationRow,
  deviationDots,
  type ElasticityRow,
  elasticityBars,
  type GoodputBarsOptions,
  type GoodputRow,
  type GroupedBarRow,
  goodputBars,
  groupedBars,
  type HybridLinesOptions,
  type HybridRow,
  hybridLines,
  type InstancesRow,
  type IntensityPlaneOptions,
  type IntensityRow,
  type IntervalDotsOptions,
  type IntervalRow,
  instancesByContext,
  intensityPlane,
  intervalDots,
  type KvCurveRow,
  kvCurves,
  type LatencyOverRateOptions,
  type LatencyRow,
  latencyOverRate,
  type Mode,
  type ModelRow,
  type ParetoFront,
  type ParetoRow,
  type ParetoScatterOptions,
  type ParityBand,
  type ParityPanelsOptions,
  type ParityRow,
  paretoScatter,
  parityPanels,
  pipelineTimeline,
  type RankedBarRow,
  type Ridge,
  type Row,
  rankedBars,
  renderSvg,
  type SeriesOptions,
  type SeriesRow,
  type TimeBandRow,
  type TimelineRow,
  type TimePart,
  type TimeShareRow,
  type TimeSharesOptions,
  timeBands,
  timeShares,
  type VegaLiteSpec,
} from './chart/index.ts';
export { MEMORY_PARTS, type MemoryBarsOptions, type MemoryPart, type MemoryRow, memoryBars } from './chart/memory-bars.ts';
export { type PolicyBarRow, type PolicyBarsOptions, policyBars } from './chart/policy-bars.ts';
export { type RoleSwitch, type RoleTimelineOptions, type RoleTimelineRow, roleTimeline } from './chart/role-timeline.ts';
export { type BreakEvenMark, type SwapOrRecomputeOptions, type SwapOrRecomputeRow, swapOrRecompute } from './chart/swap-or-recompute.ts';
export { type TtftOverImagesOptions, type TtftOverImagesRow, ttftOverImages } from './chart/ttft-over-images.ts';
// Comparison: tables, crossovers, break-even prices, Pareto fronts, elasticities; columnar sweeps.
export {
  breakEvenPrice,
  type Candidate,
  type CheapestRange,
  type ContextQuery,
  type CostBasis,
  type CostCrossover,
  type CostCrossovers,
  type CrossoverQuery,
  type CurveColumn,
  type CurveQuery,
  type CurveRow,
  type CurveRowsOptions,
  cheapestRanges,
  contextGrid,
  costCrossovers,
  costTable,
  curveRows,
  curveTable,
  type Disaggregation,
  disaggregationPriceRatios,
  type Elasticity,
  elasticities,
  type Objective,
  type PriceRatios,
  paretoFront,
} from './compare/index.ts';
// Cost: unit costs, decode, prefill, requests, variants.
export { type CompiledModel, type CoreTerm, compile, type GemmTerm } from './cost/compile.ts';
export { type CostPoint, costAt } from './cost/evaluate.ts';
export { type CostPart, costExpression } from './cost/expression.ts';
export { type RequestCost, type RequestLengths, requestCost } from './cost/request.ts';
export { type CostQuery, type CostRow, costRows } from './cost/row.ts';
export { trainingCost } from './cost/training.ts';
export { type Fallback, type MathPrecisions, type UnitCosts, unitCosts } from './cost/unit-cost.ts';
export { attentionIntensity, type MtpFactors, type MultiTokenPrediction, mtpFactors } from './cost/variants.ts';
// Evidence and papers: every number with its derivation, every printed cell compared.
export { type CitationContext, type CitationStyle, citation, type Evidence, type ExplainNode, explainText, explainTree, type ReportedNumber, type Scenario } from './evidence/index.ts';
// How numbers are known, and the cards of all formulas.
export { formulas, procedures } from './formulas.ts';
// Layer kinds, and what they become.
export { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from './layers/counting.ts';
export { effectiveRank } from './layers/effective-rank.ts';
export { type AttentionSpec, type FfnSpec, type LayerSpec, layers, lowerLayer } from './layers/index.ts';
export type { LayerModel, LoweringContext, Phase } from './layers/lowering.ts';
export type { Attends, Operator, OperatorBytes, OperatorCache, OperatorDerivations, OperatorKind, OperatorShape, Part, Scales, ShardBy } from './layers/operator.ts';
export { COMPONENTS, type Component, PRECISION_BITS, type Precision, type PrecisionPolicy, STORAGE_BITS, type StorageFormat } from './layers/precision.ts';
export type { MatrixSpec, VisionSpec } from './layers/vision.ts';
// Models: the catalogue, Hugging Face configs, operators, parameters, caches, changed designs.
export { type CacheOptions, type ModelCache, modelCache } from './models/cache.ts';
export { type ImportedModel, type ImportOptions, importConfig, modelTypes } from './models/huggingface/index.ts';
export {
  type ImageRule,
  type ImageRules,
  type ImageShape,
  imageOf,
  type LayerGroup,
  type LowerOptions,
  largestTile,
  layerCount,
  lowerModel,
  type Model,
  type ModelEntry,
  type ModelOperator,
  type MtpSpec,
  mmCacheBytes,
  modelEntries,
  modelEntryOf,
  modelOf,
  type ParameterCounts,
  type ParameterParts,
  type Parameters,
  type PrecisionPolicyId,
  paddedPatches,
  parameters,
  precisionPolicies,
  type Resolution,
  type Tile,
  tileBytes,
  type Video,
  type VideoShape,
  validateModel,
  videoOf,
} from './models/index.ts';
export { type ModelChanges, overrideModel, replaceAttention, replaceFfn, withAttention, withFfn } from './models/override.ts';
// Notebooks: show charts and tables in a kernel.
export { type Showable, type ShowOptions, show } from './notebook/display.ts';
export { distserveLink } from './papers/distserve/link.ts';
export { repeatedShareGpt, shareGptLoad } from './papers/distserve/load.ts';
export { asPrinted, evidenceFor, type Paper, type PrintedCell, papers, printedCellOf, type ScoreboardRow, scoreboard } from './papers/index.ts';
export type { Deviation, OpenCell } from './papers/paper.ts';
export type { Derivation, FormulaCard, FormulaSymbol, ProcedureCard } from './provenance/card.ts';
export { BASES, type Basis, describeSource, type Source } from './provenance/source.ts';
export type { SourceNote } from './provenance/sourced.ts';
// Roofline: ridge points, intensity, utilisation.
export { arithmeticIntensity, type Bound, mbu, mfu, minActivationRatio, ridgePoint, rooflineTime } from './roofline/roofline.ts';
// Serving: what deployments of many chips do.
export { bestColocated, type ColocatedAnswer, type ColocatedPlan } from './serving/afd/colocated.ts';
export { type ContextMix, type ContextShare, contextMix, expectedLargest, logNormalMix, oneContext } from './serving/afd/contexts.ts';
export { type AfdDeployment, chipsOfSides, pricePerHour } from './serving/afd/deployment.ts';
export type { MemoryNeed } from './serving/afd/memory-need.ts';
export { bubbles, interleaved, type LayerTimes, makespan, type Slot, stepPeriod, timeline } from './serving/afd/pipeline.ts';
export { type AfdPlan, type AfdPlanner, afdPlanner, STAGES, type Stage } from './serving/afd/plan.ts';
export { type AfdRow, answerRow, colocatedRow, deploymentName, planRow } from './serving/afd/row.ts';
export { attentionInstancesFor, type ScaledAnswer, type ScaledDeployment } from './serving/afd/scaling.ts';
export { type AfdScenario, afdDefaults } from './serving/afd/scenario.ts';
export { AFD_OBJECTIVES, type AfdAnswer, type AfdObjective, type AfdQuery, searchAfd } from './serving/afd/search.ts';
export { type SplitGroup, type SplitModel, splitModel } from './serving/afd/split-model.ts';
export { LAYOUTS, type Layout, type TimeModel } from './serving/afd/stage-times.ts';
export { type Attainment, attainmentOf, CRITERIA, type Criterion, type Goal, quantileOf, type Slo, shortfallOf } from './serving/disaggregation/attainment.ts';
export { type CalibratedEstimatorOptions, calibratedEstimator, calibratedEstimators, type RoleChips } from './serving/disaggregation/calibrated-estimator.ts';
export { CalibratedTimes } from './serving/disaggregation/calibrated-times.ts';
export {
  type Cluster,
  DISPATCHES,
  type Dispatch,
  type EncodePool,
  type KvLink,
  type MemoryRules,
  type OrderKey,
  type Pool,
  type PromptBatching,
  type Rules,
  STAGE_ROLES,
  type StageRole,
  type Switching,
} from './serving/disaggregation/cluster.ts';
export { type Compared, type Comparison, comparePlacements, type SearchHow } from './serving/disaggregation/compare.ts';
export type { Mean } from './serving/disaggregation/confidence.ts';
export { type CurvePoint, curvePoint, smallestScale } from './serving/disaggregation/curve.ts';
export { type EngineConstants, EngineTimes } from './serving/disaggregation/engine-times.ts';
export {
  type Apart,
  chipsOfPlacement,
  chipsOfSplit,
  clusterOf,
  type Estimator,
  type InstanceOf,
  type Placement,
  priceOf,
  type Role,
  type Split,
  splitText,
} from './serving/disaggregation/estimator.ts';
export { type Goodput, goodput, type RateSearch } from './serving/disaggregation/goodput.ts';
export { type ReleasedDimensions, type ReleasedKvCapacity, releasedDimensions, releasedKvCapacity } from './serving/disaggregation/kv-capacity.ts';
export { type Load, loadOf, requestsAt } from './serving/disaggregation/load.ts';
export { type Outcome, type RoleCounts, tpotOf, ttftOf } from './serving/disaggregation/outcome.ts';
export { balanced, type Evaluated, placementText, type Ranking, replicated, type SearchOptions, searchPhase, searchTogether, stopText } from './serving/disaggregation/placement.ts';
export { releasedEstimator } from './serving/disaggregation/released-estimator.ts';
export { ReleasedTimes } from './serving/disaggregation/released-times.ts';
export { simulate } from './serving/disaggregation/simulate.ts';
export { AFFINITIES, type Affinity, modernSplits, pairsOf, type Servers, splitsOf } from './serving/disaggregation/splits.ts';
export type { StageTimes } from './serving/disaggregation/stage-times.ts';
export { type Phases, phasesOf, type RunSummary, type Spread, summaryOf } from './serving/disaggregation/summary.ts';
export { type Arrivals, gapsOf } from './serving/engine/arrivals.ts';
export { EventQueue } from './serving/engine/event-queue.ts';
export { type Lengths, lengthsOf } from './serving/engine/lengths.ts';
export { type Random, randomOf } from './serving/engine/random.ts';
export { type Requests, requestsOf } from './serving/engine/requests.ts';
// Models that see: memory by stage, what an image costs, encode, prefill and decode apart.
export * from './serving/multimodal/index.ts';
export * from './serving/preemption/index.ts';
export { type CostColumns, costColumns } from './sweep/index.ts';
// Timing: expected times with intervals, deployments, memory, aggregated serving.
export type { CalibrationData, CalibrationEntry, EngineEntry } from './timing/calibration-data.ts';
export { type Choice, calibration, type Launch, type Power } from './timing/choice.ts';
export { type CopyLink, copiesOver, copyConstants, copySeconds, effectiveBandwidth, type LinkCopies } from './timing/copies.ts';
export { COPY_METHODS, type CopyDirection, type CopyMethod } from './timing/copy-data.ts';
export { type CopyConstants, withThreads } from './timing/copy-time.ts';
export { chipsOf, type Deployment, type ExpertLoad, type Overlap, singleChip, validateDeployment } from './timing/deployment.ts';
export { type EncodeOptions, encodeSeconds, encodeTime } from './timing/encode-time.ts';
export { type EncoderAttention, encoderActivations } from './timing/encoder-memory.ts';
export { type EstimateOptions, type KernelEstimate, type KernelTime, kernelEstimate, kernelTime } from './timing/estimate.ts';
export { type KernelRow, kernelOf } from './timing/kernel-row.ts';
export type { Kernel } from './timing/kernels/kernel.ts';
export { type Memory, type MemoryOptions, type MemoryUse, memoryOf, tokensThatFit } from './timing/memory.ts';
export { type PassEstimate, type PassOptions, type PassPart, passSeconds, passTime } from './timing/pass-time.ts';
export { type TimedOperator, type TimeQuery, type TimeRow, timeRow } from './timing/row.ts';
export { engineOf, type ServingEstimate, type ServingLoad, servingTime } from './timing/serving.ts';
export { type KernelRun, type Pass, stepKernels } from './timing/step/index.ts';
// Exact functions of the context length, branded quantities, formatting.
export { ContextCurve, type Span, spans, type Term } from './units/context-curve.ts';
export { type ContextExpression, type ContextFunction, evaluate, maxOf, minOf, scaled, sumOf, sumOver } from './units/context-expression.ts';
export { type Crossing, crossings, type PeriodicCrossings, periodicCrossings } from './units/crossings.ts';
export { type EnvelopeSide, envelope } from './units/envelope.ts';
export { binary, contextLabel, fixed, scientific, si, significant, usdPerMtok } from './units/format.ts';
export { type Bytes, type BytesPerSecond, bytes, bytesPerSecond, type FlopPerSecond, flopPerSecond, type Quantity, type Seconds, seconds, type UsdPerHour, usdPerHour } from './units/quantity.ts';
