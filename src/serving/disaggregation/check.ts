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
  if (cluster.kind === 'disaggregated' && cluster.encode !== undefined) {
    const { instances, maxJobs, transferSeconds } = cluster.encode;
    if (!(Number.isSafeInteger(instances) && instances >= 1)) fail('encode instances', instances, 'is not a whole number of at least 1');
    if (!(Number.isSafeInteger(maxJobs) && maxJobs >= 1)) fail('encode maxJobs', maxJobs, 'is not a whole number of at least 1');
    if (!(transferSeconds >= 0 && transferSeconds < Number.POSITIVE_INFINITY)) fail('encode transferSeconds', transferSeconds, 'is not a number of seconds from 0 on');
  }
  if (cluster.kind === 'disaggregated' && cluster.switching !== undefined) {
    const { everySeconds, least = {} } = cluster.switching;
    if (!(everySeconds > 0 && everySeconds < Number.POSITIVE_INFINITY)) fail('switching everySeconds', everySeconds, 'is not above 0');
    if (cluster.encode === undefined) fail('switching everySeconds', everySeconds, 'is given without encode instances');
    for (const [role, count] of Object.entries(least)) if (!(Number.isSafeInteger(count) && count >= 1)) fail(`switching least ${role}`, count, 'is not a whole number of at least 1');
  }
  const { batching, memory, decodeTokens } = cluster.rules;
  if (!(batching.maxPrompts >= 1)) fail('batching maxPrompts', batching.maxPrompts, 'is not at least 1');
  if (!(batching.maxTokens >= 1)) fail('batching maxTokens', batching.maxTokens, 'is not at least 1');
  if (!(decodeTokens >= 1)) fail('decodeTokens', decodeTokens, 'is not at least 1');
  if (memory !== null) {
    if (!(memory.waitingShare > 0 && memory.waitingShare <= 1)) fail('memory waitingShare', memory.waitingShare, 'is not above 0 and at most 1');
    if (!(memory.reserve >= 0 && memory.reserve < 1)) fail('memory reserve', memory.reserve, 'is not from 0 to below 1');
    if (!(memory.maxRequests >= 1)) fail('memory maxRequests', memory.maxRequests, 'is not at least 1');
    for (const [role, { kvTokens }] of pools) if (!(kvTokens >= 1)) fail(`${role} kvTokens`, kvTokens, 'is not at least 1');
  }
  if (cluster.kind === 'disaggregated' && cluster.link !== null) {
    const { bytesPerToken, bytesPerSecond } = cluster.link;
    if (!(bytesPerToken >= 0 && bytesPerToken < Number.POSITIVE_INFINITY)) fail('link', bytesPerToken, 'B/token is not a number from 0 on');
    if (!(bytesPerSecond > 0)) fail('link', bytesPerSecond, 'B/s is not above 0');
  }
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
