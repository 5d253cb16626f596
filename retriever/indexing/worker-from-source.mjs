// Starts the worker in a checkout: the sources run through tsx, which a thread does not take over from its parent.
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
