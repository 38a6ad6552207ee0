/** Forms that no rule leads back, each line: the form to compare by, then the others. */
const LINES = `
arise arose arisen; begin began begun; bite bit bitten; blow blew blown; break broke broken; bring brought
build built; buy bought; catch caught; choose chose chosen; come came; deal dealt; dig dug; draw drew drawn
drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found
fly flew flown; forget forgot forgotten; freeze froze frozen; get got gotten; give gave given; go went gone goes
grow grew grown; hang hung; hear heard; hide hid hidden; hold held; keep kept; know knew known; lead led; learn learnt
leave left; lend lent; lose lost; make made making; mean meant; meet met; pay paid; ride rode ridden; rise rose risen
run ran running; say said; see saw seen; sell sold; send sent; shake shook shaken; shine shone; shoot shot; sing sang sung
sink sank sunk; sit sat; sleep slept; speak spoke spoken; spend spent; steal stole stolen; stick stuck; swim swam swum
take took taken; teach taught; tell told; think thought; throw threw thrown; understand understood; wake woke woken
wear wore worn; win won winning; write wrote written writing; use using used; tie tied tying; lie lying; die died dying dies
child children; foot feet; goose geese; man men; mouse mice; person people; tooth teeth; woman women; leaf leaves
life lives; knife knives; wife wives; shelf shelves; wolf wolves; bacterium bacteria; criterion criteria; index indices
matrix matrices; vertex vertices; analysis analyses; crisis crises; hypothesis hypotheses; thesis theses
simple simply; possible possibly; true truly; safe safety
movie movies; cookie cookies; zombie zombies; selfie selfies; potato potatoes; tomato tomatoes; hero heroes; echo echoes; bus buses; shoe shoes
`;

export const IRREGULAR: ReadonlyMap<string, string> = new Map(
  LINES.split(/[;\n]/).flatMap((line) => {
    const [base, ...forms] = line.trim().split(' ');
    return forms.map((form) => [form, base!] as const);
  }),
);

/** What only looks inflected, and would become another word. */
export const UNCHANGED: ReadonlySet<string> = new Set(
  'news https does this axis always perhaps less across lens series species mathematics physics economics politics athletics kubernetes postgres thing nothing something anything everything during morning evening building string spring wedding ceiling clothing embed hundred sacred kindred interest question region station mention section action function version million billion station fiction nation apartment department moment comment element document argument environment instrument government monument cement segment fragment family reply apply supply early daily only assembly july italy'.split(
    ' ',
  ),
);
