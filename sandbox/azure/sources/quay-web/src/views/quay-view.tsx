import type { Quay } from "../quay.js";
import { relative } from "../clock.js";

interface Props {
  quay: Quay;
  now: Date;
  onSelect: (imo: string) => void;
}

/* One bar per ship. The quay is drawn to scale: a percent is a percent of its
   length, so that a resize needs no arithmetic. */
export function QuayView({ quay, now, onSelect }: Props) {
  const percent = (metres: number) => `${(100 * metres) / quay.length}%`;
  return (
    <section className="quay" aria-label={quay.name}>
      <h2>{quay.name}</h2>
      <ol>
        {quay.moorings.map(({ ship, at, until }) => (
          <li
            key={ship.imo}
            className={ship.dangerous ? "ship ship--dangerous" : "ship"}
            style={{ left: percent(at), width: percent(ship.length) }}
          >
            <button type="button" onClick={() => onSelect(ship.imo)}>
              {ship.name} <small>leaves {relative(until, now)}</small>
            </button>
          </li>
        ))}
      </ol>
      {/* The rest of the quay is free. */}
      <p>{Math.round(quay.length - quay.taken(now))} m free</p>
    </section>
  );
}
