// Places boxes beside and below each other.

/** Every order of a few things. */
export const orders = (list) =>
  list.length <= 1
    ? [list]
    : list.flatMap((one, index) => orders(list.toSpliced(index, 1)).map((others) => [one, ...others]));

/**
 * All useful ways to cut a place into one for each list of boxes, of which one is chosen. `place` says where each
 * chosen box lies when the whole is stretched to a size.
 */
export function packings(lists, gap) {
  if (lists.length === 1) {
    return lists[0].map((box) => ({
      width: box.width,
      height: box.height,
      place: (x, y, width, height) => [{ box, x, y, width, height }],
    }));
  }
  const found = [];
  for (let cut = 1; cut < lists.length; cut++) {
    for (const a of packings(lists.slice(0, cut), gap)) {
      for (const b of packings(lists.slice(cut), gap)) found.push(beside(a, b, gap), below(a, b, gap));
    }
  }
  return found.filter((one) => !found.some((other) => isBetter(other, one)));
}

const isBetter = (a, b) => a.width <= b.width && a.height <= b.height && (a.width < b.width || a.height < b.height);

const beside = (a, b, gap) => ({
  width: a.width + gap + b.width,
  height: Math.max(a.height, b.height),
  place: (x, y, width, height) => {
    const first = a.width + (width - a.width - gap - b.width) / 2;
    return [...a.place(x, y, first, height), ...b.place(x + first + gap, y, width - first - gap, height)];
  },
});

const below = (a, b, gap) => ({
  width: Math.max(a.width, b.width),
  height: a.height + gap + b.height,
  place: (x, y, width, height) => {
    const first = a.height + (height - a.height - gap - b.height) / 2;
    return [...a.place(x, y, width, first), ...b.place(x, y + first + gap, width, height - first - gap)];
  },
});
