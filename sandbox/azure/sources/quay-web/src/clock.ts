const FORMAT = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

export function label(when: Date): string {
  return `${FORMAT.format(when)} UTC`;
}

/** "in 3 h", "20 min ago": what a person would say. */
export function relative(when: Date, now: Date): string {
  const minutes = Math.round((when.getTime() - now.getTime()) / 60_000);
  const size = Math.abs(minutes);
  if (size < 1) return "now";
  const words = size < 60 ? `${size} min` : `${Math.round(size / 60)} h`;
  return minutes > 0 ? `in ${words}` : `${words} ago`;
}
