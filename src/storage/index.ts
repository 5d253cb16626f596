// The door to a run's database: one writer, any number of readers, and whoever doubts it.
export { StoreFault } from "./fault.ts";
export { type AuditOptions, auditRun, type LedgerAudit } from "./ledger/audit.ts";
export { openSigner, type Signer } from "./ledger/signing.ts";
export { openStore, openStoreReadOnly, type RunReader, type StoreOptions } from "./open.ts";
export { type StoreOwner, thisProcess } from "./process.ts";
