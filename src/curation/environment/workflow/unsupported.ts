// What a workflow asks for that cannot be had here: named, so that nobody takes a job left out for one that passed.

/** Ends the compiling of one job (or of one file); its message says what was asked for. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(what);
    this.name = "Unsupported";
  }
}
