import { expectTypeOf } from 'vitest';
import type { GemmTerm } from '../../src/cost/compile.ts';
import type { CostRow } from '../../src/cost/row.ts';
import type { COUNTING_SWITCHES, Counting } from '../../src/layers/counting.ts';
import type { AttentionSpec, FfnSpec, LayerSpec, layers } from '../../src/layers/index.ts';
import type { LayerModel } from '../../src/layers/lowering.ts';
import type { MfaSpec } from '../../src/layers/mfa.ts';
import type { Part } from '../../src/layers/operator.ts';
import type { PrecisionPolicy } from '../../src/layers/precision.ts';
import type { MatrixSpec } from '../../src/layers/vision.ts';
import type { LayerGroup, Model, PrecisionPolicyId } from '../../src/models/index.ts';
import type { Sourced, SourcedTree } from '../../src/provenance/sourced.ts';

// every kind has a layer model of its own spec
expectTypeOf<keyof typeof layers>().toEqualTypeOf<LayerSpec['kind']>();
expectTypeOf<(typeof layers)['mfa']>().toEqualTypeOf<LayerModel<MfaSpec>>();
expectTypeOf<LayerSpec>().toEqualTypeOf<AttentionSpec | FfnSpec>();

// a layer group has attention on one side and feed-forward on the other
expectTypeOf<FfnSpec>().not.toExtend<LayerGroup['attention']>();
expectTypeOf<AttentionSpec>().not.toExtend<LayerGroup['ffn']>();
expectTypeOf<{ readonly kind: 'mfa'; readonly queryHeads: number; readonly headDim: number }>().not.toExtend<AttentionSpec>();

// every switch is listed, and a list cannot name another
expectTypeOf<(typeof COUNTING_SWITCHES)[number]>().toEqualTypeOf<keyof Counting>();

// a matrix of an encoder says what its rows are
expectTypeOf<{ readonly name: string; readonly inputs: number; readonly outputs: number }>().not.toExtend<MatrixSpec>();
expectTypeOf<MatrixSpec['rows']>().toEqualTypeOf<'patches' | 'tokens' | 'table'>();

// what has no weights to share in a batch is no GEMM term
expectTypeOf<Exclude<Part, GemmTerm['part']>>().toEqualTypeOf<'core' | 'embedding' | 'vision'>();

// nothing of a model, policy or row can be assigned
expectTypeOf<Model>().toEqualTypeOf<Readonly<Model>>();
expectTypeOf<PrecisionPolicy>().toEqualTypeOf<Readonly<PrecisionPolicy>>();
expectTypeOf<CostRow>().toEqualTypeOf<Readonly<CostRow>>();

expectTypeOf<PrecisionPolicyId>().toEqualTypeOf<'paper' | 'fp8' | 'bf16' | 'fp8-kv16' | 'w8a8kv16' | 'w8a8kv8' | 'kv4-math8' | 'kv8-math16'>();

// a field of a catalogue entry is never a bare value
expectTypeOf<number>().not.toExtend<SourcedTree<number>>();
expectTypeOf<Sourced<number>>().toExtend<SourcedTree<number>>();
expectTypeOf<{ hidden: number }>().not.toExtend<SourcedTree<Pick<Model, 'hidden'>>>();
