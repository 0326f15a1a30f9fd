import { QuayError, type Metres, type Mooring, type Ship } from "./types.js";

const CLEARANCE: Metres = 15;

/**
 * A quay and what lies along it.
 * Moorings are kept in the order of their place, west to east.
 */
export class Quay {
  #moorings: Mooring[] = [];

  constructor(
    readonly name: string,
    readonly length: Metres,
  ) {}

  get moorings(): readonly Mooring[] {
    return this.#moorings;
  }

  moor(ship: Ship, from: Date, until: Date): Mooring {
    if (until <= from) {
      throw new QuayError(`${ship.name} leaves before it comes`, ship.imo);
    }
    const at = this.#place(ship, from, until);
    if (at === undefined) {
      throw new QuayError(`No room for ${ship.name} at ${this.name}`, ship.imo);
    }
    const mooring = { ship, at, from, until };
    this.#moorings = [...this.#moorings, mooring].sort((a, b) => a.at - b.at);
    return mooring;
  }

  release(imo: string, when: Date): void {
    this.#moorings = this.#moorings.filter(
      (each) => each.ship.imo !== imo || each.from > when,
    );
  }

  /** Metres taken at a moment, clearance included. */
  taken(when: Date): Metres {
    return this.#present(when, when)
      .map((each) => each.ship.length + CLEARANCE)
      .reduce((sum, each) => sum + each, 0);
  }

  #present(from: Date, until: Date): Mooring[] {
    return this.#moorings.filter((each) => each.from <= until && from <= each.until);
  }

  // The westernmost gap that is long enough.
  #place(ship: Ship, from: Date, until: Date): Metres | undefined {
    let start: Metres = 0;
    for (const other of this.#present(from, until)) {
      if (other.at - start >= ship.length + CLEARANCE) {
        return start;
      }
      start = Math.max(start, other.at + other.ship.length + CLEARANCE);
    }
    return start + ship.length <= this.length ? start : undefined;
  }
}
