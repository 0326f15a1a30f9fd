/** What it is. */
export interface Model {
  name: string; // its name
  /* size: number; */
  url: string;
}

export const root = "http://example.com";
