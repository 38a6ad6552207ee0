/** What the style sheet fills stretches with that are told by a pattern. */
export function Hatchings() {
  return (
    <svg class="hatchings" width="0" height="0" aria-hidden="true">
      <pattern id="hatched" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect width="2" height="7" />
      </pattern>
      <pattern id="not-watched" width="6" height="6" patternUnits="userSpaceOnUse">
        <circle cx="3" cy="3" r="0.9" />
      </pattern>
    </svg>
  );
}
