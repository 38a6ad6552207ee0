/** Words that carry the grammar and not the subject. Those that can turn a meaning have rules of their own. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `
a an the this that these those such same
i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us our ours
ourselves they them their theirs themselves one ones someone somebody anyone anybody everyone everybody something
anything everything there here
am is are was were be been being do does did done doing have has had having will would shall should can could may might
must ought gonna
and or but nor so if then than as because while whether though although since until unless
of in on at to from by for with without into onto about over under between among through during before after above below
behind beside besides near across along around toward towards against upon within inside outside per via like unlike
out off up down away back
what which who whom whose when where why how
not never no neither none nothing nobody nowhere
some any each every all both either several few many much more most less least lot lots other another else own very too
also just even still already yet again ever quite rather really actually basically exactly please thanks thank hi hello
hey dear ok okay well now etc
'm 're 've 'll 'd 's
`
    .trim()
    .split(/\s+/),
);
