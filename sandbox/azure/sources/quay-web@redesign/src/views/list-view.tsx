import type { Quay } from "../quay.js";
import { label } from "../clock.js";

/** The quay as a table, for those who can't see a drawing, and for the printer. */
export function ListView({ quay }: { quay: Quay }) {
  return (
    <table>
      <caption>{quay.name}</caption>
      <thead>
        <tr>
          <th scope="col">Ship</th>
          <th scope="col">From</th>
          <th scope="col">Until</th>
        </tr>
      </thead>
      <tbody>
        {quay.moorings.map((each) => (
          <tr key={each.ship.imo}>
            <td>{each.ship.name}</td>
            <td>{label(each.from)}</td>
            <td>{label(each.until)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
