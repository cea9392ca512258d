/** A file of the recording that is missing, or is not what we write. */
export class DamagedError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'DamagedError';
  }
}
