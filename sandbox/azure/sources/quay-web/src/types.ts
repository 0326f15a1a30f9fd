/** Metres along the quay, from its western end. */
export type Metres = number;

export interface Ship {
  readonly imo: string;
  readonly name: string;
  readonly length: Metres;
  readonly dangerous: boolean;
}

export interface Mooring {
  readonly ship: Ship;
  readonly at: Metres;
  readonly from: Date;
  readonly until: Date;
}

export type Side = "port" | "starboard";

export class QuayError extends Error {
  constructor(
    message: string,
    readonly imo?: string,
  ) {
    super(message);
    this.name = "QuayError";
  }
}
