/** Words for times that mean nothing else, each with the name it goes by. `may`, `march` and `fall` are judged elsewhere. */
export const TIME_NAMES: ReadonlyMap<string, string> = new Map(
  `
monday mon; tuesday tue tues; wednesday wed; thursday thu thurs; friday fri; saturday; sunday
january jan; february feb; april apr; june jun; july jul; august aug; september sep sept; october oct
november nov; december dec
winter; spring; summer; autumn; weekend; weekday; yesterday; tomorrow; tonight; now today nowadays currently presently
morning; noon midday; afternoon; evening; night; midnight
before; after; until till; since; ago
hourly; daily; weekly; monthly; quarterly; yearly annually annual
`
    .split(/[;\n]/)
    .map((line) => line.trim().split(' '))
    .filter(([name]) => name !== '')
    .flatMap((words) => words.map((word) => [word, words[0]!] as const)),
);
