// The door to the statistics: intervals over instances, and chances over several tries. Pure.
export {
  Bootstrap,
  type BootstrapOptions,
  type Cluster,
  defaultLevel,
  defaultResamples,
  type Estimate,
  fewInstances,
  type Range,
  type Share,
} from "./bootstrap.ts";
export { passAtK, passHatK } from "./passk.ts";
