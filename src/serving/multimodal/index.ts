export {
  ALLOCATION_KINDS,
  type Allocation,
  type AllocationKind,
  type AllocationSpace,
  allocationsOf,
  allocationText,
  chipsOfAllocation,
  clusterOfAllocation,
  kindOf,
  priceOfAllocation,
  type StageBatches,
} from './allocation.ts';
export { type ArchitectureWorkerOptions, architectureWorker, imageSizeOf } from './architecture-worker.ts';
export { type CalibratedMultimodalOptions, calibratedMultimodal, type StageChips } from './calibrated.ts';
export { type MultimodalEstimator, withEncoding } from './estimator.ts';
export { languageModelOf, type MediaCost, type MediaCostOptions, type MediaRequest, mediaCost, smallestSplit } from './media-cost.ts';
export {
  type ActivationConstants,
  type ImageRequest,
  type ImageSize,
  imagesPerRequest,
  kvShare,
  largestBatch,
  MEMORY_STAGES,
  type MemoryOutcome,
  type MemoryStage,
  type MultimodalBytes,
  type MultimodalWorker,
  type PeakMemory,
  peakMemory,
} from './memory.ts';
export { ORDERS, type Order, type OrderOptions, orderKey } from './order.ts';
export { type AllocationChoices, type AllocationSearch, rankAllocations, searchAllocations } from './search.ts';
export { batchSeconds, type EncodeEstimate, encodeEstimate, encoderPasses } from './shapes.ts';
