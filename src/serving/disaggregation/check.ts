import type { Requests } from '../engine/requests.ts';
import type { Cluster, Pool } from './cluster.ts';

const PLACE = 'disaggregation';

/** @throws RangeError where a cluster could not run, or could never hold one of the requests */
export function checkCluster(cluster: Cluster, { prompt, output }: Requests): void {
  const fail = (field: string, value: number, rule: string): never => {
    throw new RangeError(`${PLACE}: ${field} ${value} ${rule}`);
  };
  const pools: readonly (readonly [string, Pool])[] =
    cluster.kind === 'colocated'
      ? [['colocated', cluster.pool]]
      : [
          ['prefill', cluster.prefill],
          ['decode', cluster.decode],
        ];
  for (const [role, { instances, stages }] of pools) {
    if (!(Number.isSafeInteger(instances) && instances >= 1)) fail(`${role} instances`, instances, 'is not a whole number of at least 1');
    if (!(Number.isSafeInteger(stages) && stages >= 1)) fail(`${role} stages`, stages, 'is not a whole number of at least 1');
  }
  const { batching, memory, decodeTokens } = cluster.rules;
  if (cluster.kind === 'disaggregated' && cluster.link !== null && !(cluster.link.bytesPerSecond > 0)) fail('link', cluster.link.bytesPerSecond, 'B/s is not above 0');
  const longestBatch = Math.min(batching.maxTokens, batching.padded?.maxTokens ?? batching.maxTokens);
  const decodes = pools[pools.length - 1]?.[1] as Pool;
  const prefills = pools[0]?.[1] as Pool;
  for (let at = 0; at < prompt.length; at++) {
    const [tokens, whole] = [prompt[at] as number, (prompt[at] as number) + (output[at] as number)];
    if (tokens > batching.maxTokens) fail(`request ${at + 1} prompt`, tokens, `is more than the ${batching.maxTokens} tokens of a prefill batch`);
    // a request that memory put out is read again with what it has made
    if (cluster.kind === 'colocated' && memory !== null && whole > longestBatch) fail(`request ${at + 1} prompt + output`, whole, `is more than the ${longestBatch} tokens of a prefill batch`);
    if (whole > decodeTokens) fail(`request ${at + 1} prompt + output`, whole, `is more than the ${decodeTokens} tokens of a decode batch`);
    if (memory === null) continue;
    if (tokens > prefills.kvTokens) fail(`request ${at + 1} prompt`, tokens, `is more than the ${prefills.kvTokens} tokens that an instance holds`);
    if (whole > decodes.kvTokens) fail(`request ${at + 1} prompt + output`, whole, `is more than the ${decodes.kvTokens} tokens that an instance holds`);
  }
}
