import type { ChangePlan, PlannedWebinar, Result } from '@rostrum/contracts';
import { changeOf, type Edits, type FieldName, type Fields, fieldOf, fieldsOf, same } from './plan-fields.ts';

/** After the last keystroke. */
const PAUSE_MS = 600;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** `held`: what is left cannot be saved before somebody decides or mends it. `failing`: it is tried again by itself. */
export type SaveState = 'saved' | 'saving' | 'failing' | 'held';

export interface Editing {
  /** As they are here: what was typed, over what the server has. */
  readonly fields: Fields;
  readonly planned: PlannedWebinar;
  readonly state: SaveState;
  /** Changed by somebody else while they were edited here: theirs stands in `planned`. */
  readonly conflicts: ReadonlySet<FieldName>;
  /** What the server would not have, until it is edited again. */
  readonly refused: ReadonlySet<FieldName>;
}

export interface SaverOptions {
  readonly planned: PlannedWebinar;
  send(change: ChangePlan): Promise<Result<PlannedWebinar>>;
  load(): Promise<Result<PlannedWebinar>>;
  /** What is not saved yet survives a reload. null: nothing is left. */
  keep(edits: Edits | null): void;
  /** What an earlier page left. */
  readonly kept: Edits | null;
}

/** Saves a plan while it is typed: nothing that was typed is lost to a bad network, a reload or another editor. */
export class PlanSaver {
  readonly #o: SaverOptions;
  readonly #listeners = new Set<() => void>();
  #planned: PlannedWebinar;
  #edits: Edits;
  #conflicts = new Set<FieldName>();
  #refused = new Set<FieldName>();
  #failing = false;
  #sending = false;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;
  #told: Editing;

  constructor(options: SaverOptions) {
    this.#o = options;
    this.#planned = options.planned;
    this.#edits = options.kept ?? {};
    this.#told = this.#tell();
    if (this.#names().length > 0) this.#later(PAUSE_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly current = (): Editing => this.#told;

  edit(edits: Edits): void {
    const names = Object.keys(edits) as FieldName[];
    this.#edits = { ...this.#edits, ...edits };
    for (const name of names) this.#refused.delete(name);
    this.#changed();
    this.#later(PAUSE_MS);
  }

  /** Ends a conflict: with what was typed here, or with what the other one wrote. */
  settle(name: FieldName, whose: 'mine' | 'theirs'): void {
    this.#conflicts.delete(name);
    if (whose === 'theirs') this.#forget([name]);
    this.#changed();
    this.#later(0);
  }

  /** At once, e.g. when the page is left or a button wants it saved. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#save();
  }

  /** What the server has by now, where it was changed by other ways than this. */
  async reload(): Promise<void> {
    const now = await this.#o.load();
    if (now.ok) this.#planned = now.value;
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #names(): FieldName[] {
    return Object.keys(this.#edits) as FieldName[];
  }

  #later(ms: number): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#save();
    }, ms);
  }

  async #save(): Promise<void> {
    const names = this.#names().filter((name) => !this.#conflicts.has(name) && !this.#refused.has(name));
    // One at a time: the answer says what the next one is based on.
    if (this.#closed || this.#sending || names.length === 0) return;
    const sent = Object.fromEntries(names.map((name) => [name, this.#edits[name]])) as Edits;
    this.#sending = true;
    this.#changed();
    const result = await this.#o.send(changeOf(sent, this.#planned.revision));
    this.#sending = false;
    if (result.ok) {
      this.#took(result.value, sent);
    } else if (result.error.code === 'conflict' || result.error.code === 'bad-input') {
      await this.#turnedDown(fieldOf(result.error.field, names), result.error.code, names);
    } else {
      this.#failing = true;
      this.#later(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    }
    this.#changed();
  }

  #took(planned: PlannedWebinar, sent: Edits): void {
    this.#planned = planned;
    this.#failing = false;
    this.#retryMs = FIRST_RETRY_MS;
    const names = Object.keys(sent) as FieldName[];
    this.#forget(names.filter((name) => same(this.#edits[name], sent[name])));
    if (this.#names().length > 0) this.#later(PAUSE_MS);
  }

  /** One field is in the way: the others go on without it. Where none is named, all wait for an edit. */
  async #turnedDown(
    field: FieldName | null,
    code: 'conflict' | 'bad-input',
    names: readonly FieldName[],
  ): Promise<void> {
    if (code === 'conflict') {
      const now = await this.#o.load();
      if (now.ok) this.#planned = now.value;
    }
    const held = code === 'conflict' && field !== null ? this.#conflicts : this.#refused;
    for (const name of field === null ? names : [field]) held.add(name);
    this.#later(0);
  }

  #forget(names: readonly FieldName[]): void {
    const left = Object.entries(this.#edits).filter(([name]) => !names.includes(name as FieldName));
    this.#edits = Object.fromEntries(left) as Edits;
  }

  #tell(): Editing {
    const names = this.#names();
    const held = names.every((name) => this.#conflicts.has(name) || this.#refused.has(name));
    return {
      fields: { ...fieldsOf(this.#planned), ...this.#edits },
      planned: this.#planned,
      state: names.length === 0 ? 'saved' : held ? 'held' : this.#failing ? 'failing' : 'saving',
      conflicts: new Set(this.#conflicts),
      refused: new Set(this.#refused),
    };
  }

  #changed(): void {
    this.#o.keep(this.#names().length === 0 ? null : this.#edits);
    this.#told = this.#tell();
    for (const listener of this.#listeners) listener();
  }
}
