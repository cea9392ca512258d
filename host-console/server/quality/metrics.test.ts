import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { stageMetrics } from './metrics.ts';

test('what docs/network-quality.md has an operator watch, and its alarms ask for, are the metrics there are', async () => {
  const registry = new Registry();
  stageMetrics(registry);
  const page = readFileSync(new URL('../../../docs/network-quality.md', import.meta.url), 'utf8');
  const told = new Set(page.match(/rostrum_stage_[a-z_]+/g));
  // A histogram gives both beside its buckets.
  const isOf = (name: string) => name.replace(/_(sum|count)$/, '');
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect([...new Set([...told].map(isOf))].sort()).toEqual(names.sort());
});
