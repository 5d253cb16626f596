// Numbers out of what servers publish, and none where there are none.
import { describe, expect, it } from "vitest";
import { loadOf, metric } from "../../../../../src/inference/a1/engines/metrics.ts";

const text = [
  "# HELP vllm:num_requests_running Requests.",
  'vllm:num_requests_running{engine="0",model_name="a b"} 3.0',
  'vllm:num_requests_running{engine="1",model_name="a b"} 2.0',
  'vllm:num_requests_running_total{engine="0"} 99.0',
  "vllm:num_requests_waiting 1e1",
  "vllm:kv_cache_usage_perc NaN",
  'vllm:gpu_cache_usage_perc{engine="0"} 0.48',
  'vllm:gpu_cache_usage_perc{engine="1"} 0.25',
].join("\n");

const names = { running: "vllm:num_requests_running", queued: "vllm:num_requests_waiting" };

describe("metrics", () => {
  it("are summed over series and read whatever their labels", () => {
    expect(metric(text, names.running)).toBe(5);
    expect(metric(text, names.queued)).toBe(10);
    expect(metric(text, "vllm:kv_cache_usage_perc")).toBeUndefined();
  });

  it("say the load, the fullest cache by the first name that has a number", () => {
    const cache = ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"];
    expect(loadOf(text, { ...names, cache })).toEqual({ running: 5, queued: 10, cacheShare: 0.48 });
    expect(loadOf(text, { ...names, cache: [] })).toEqual({ running: 5, queued: 10 });
  });

  it("say nothing where the numbers are missing: missing is not zero", () => {
    expect(loadOf("other 1", { ...names, cache: [] })).toBeUndefined();
  });
});
