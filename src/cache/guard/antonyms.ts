import { keyOf } from './keys.ts';

/** Each word of the left side against each of the right. */
const OPPOSITES = `
enable : disable; increase : reduce; more : less fewer; most : least; max : min; many much : few little
ascending asc : descending desc; before : after; above : below; over : under; up upward : down downward; on : off; in into : out
inside indoor inner : outside outdoor outer; internal : external; upper : lower; top : bottom; front : back rear; left : right
north northern : south southern east eastern west western; east eastern : west western; south southern : east eastern west western
first : last; next : previous last; former : latter; early : late; old : young new; ancient : modern
hot warm : cold cool; dry : wet; high : low; tall long : short; wide : narrow; deep : shallow; thick : thin; heavy : light
big : small little; fast : slow; near close : far; strong : weak; hard : soft easy; rough : smooth; tight : loose
good : bad; cheap : expensive; rich : poor; safe : dangerous; happy : sad; clean : dirty; bright light : dark; loud : quiet
healthy : sick; smart : stupid; kind : cruel; full : empty; full : partial; sweet : sour bitter; rare : common; often : rarely
beautiful : ugly; boring : interesting; brave : cowardly; true : false; right correct : wrong; positive : negative; odd : even
advantage benefit : disadvantage risk; pro : con; strength : weakness; cause : effect; risk : benefit reward; best : worst
import : export; input : output; encode : decode; encrypt : decrypt; compress : decompress extract unzip; zip : unzip
serialize : deserialize; upload : download; push : pull; send : receive; read : write; load : save unload; attach : detach
add insert append : delete subtract; add plus sum : minus subtract; multiply : divide; push : pop; prepend : append
open : close; start : stop end finish; begin : stop end finish; create : delete destroy; install : uninstall; login : logout; lock : unlock
accept approve : reject decline refuse deny; allow : deny forbid block ban prohibit; connect : disconnect; join leave : split
join enter : leave exit; enter : exit; arrive : depart leave; expand : collapse shrink contract; grow : shrink; rise : fall drop
gain : lose; win : lose; succeed success pass : fail failure; pass : fail; buy buyer : sell seller; lend : borrow; rent lease : buy
teach teacher : learn student; hire : fire; give : take receive; push : pull; raise : lower; accelerate : slow brake
love : hate; laugh : cry; remember : forget; ask : answer; question : answer; attack : defend; build : demolish destroy
hide : show; mute : unmute; subscribe : unsubscribe; follow : unfollow; follow : precede lead; inhale : exhale; float : sink
live living : die dead; alive : dead; birth born : death die; wake : sleep; ally friend : enemy; hero : villain
male man boy : female woman girl; he : she; him his : her hers; my mine : your yours; husband : wife; father : mother; brother : sister; son : daughter
uncle : aunt; grandfather : grandmother; grandson : granddaughter; nephew : niece; king : queen; prince : princess; actor : actress; boyfriend : girlfriend
parent : child; ancestor : descendant; adult : child; human : animal; teacher : student; employer : employee; landlord : tenant
sender : receiver recipient; winner : loser; supply : demand; debit : credit; asset : liability; profit income revenue : loss expense
client : server; frontend : backend; public : private; static : dynamic; local : remote global; sync synchronous : async asynchronous
row : column; horizontal : vertical; width : height; x : y; source : destination target; head : tail; singular : plural
prefix : suffix; numerator : denominator; integer int : float; mutable : immutable; nullable : required; deep : shallow
request : response; stack : queue; even : odd; all : none some any; always : never; both : neither; with : without
including include : exclude excluding except; mandatory required : optional; temporary : permanent; manual : automatic
solid : liquid gas; liquid : gas; acid : base alkali; proton : electron neutron; artery : vein; virus viral : bacterium bacterial
summer : winter; sunrise : sunset; day : night; morning : evening; breakfast : lunch dinner; lunch : dinner
introvert : extrovert; optimist : pessimist; formal : informal; literal : figurative; theory : practice; synonym : antonym
simple : complex complicated compound; easy : hard; single : double multiple married; single double : triple; major : minor
natural : artificial; raw : cooked; fresh : frozen stale; sharp : blunt; straight : curved; convex : concave; active : passive
offline : online; domestic : foreign international; urban : rural; import : export; immigrate immigration : emigrate emigration
`;

function table(): ReadonlyMap<string, ReadonlySet<string>> {
  const opposites = new Map<string, Set<string>>();
  const add = (word: string, other: string): void => {
    const known = opposites.get(word);
    if (known === undefined) opposites.set(word, new Set([other]));
    else known.add(other);
  };
  for (const pair of OPPOSITES.trim().split(/[;\n]/)) {
    const [left, right] = pair.split(':').map((side) => side.trim().split(' ').map(keyOf));
    for (const word of left!) {
      for (const other of right!) {
        add(word, other);
        add(other, word);
      }
    }
  }
  return opposites;
}

const OPPOSITES_OF = table();
const NONE: ReadonlySet<string> = new Set();

/** The keys that mean the opposite of a key, by the table. */
export const oppositesOf = (key: string): ReadonlySet<string> => OPPOSITES_OF.get(key) ?? NONE;

const NEGATING = ['un', 'dis', 'in', 'im', 'ir', 'il', 'non', 'de', 'mis', 'anti', 'ab', 'a'];

/** The keys of the words that a word would be the negation of: unpaid → pay, invisible → visible. */
export const unprefixed = (word: string): string[] =>
  NEGATING.filter(
    (prefix) => word.startsWith(prefix) && word.length >= prefix.length + (prefix.length === 1 ? 6 : 3),
  ).map((prefix) => keyOf(word.slice(prefix.length)));
