import { FUNCTION_WORDS } from './function-words.ts';
import { stem } from './stem.ts';

/** Words that ask for the same in nearly any prompt. Doubtful ones are left out: a lost hit is cheaper than a false one. */
const GROUPS = `
explain describe clarify elaborate explanation description
give provide tell
list enumerate
mean meaning definition define
way approach best_way right_way correct_way proper_way good_way
write compose draft author writer
create make build generate construct
delete remove erase eliminate get_rid_of
change modify alter edit
reduce decrease lower lessen
increase raise
improve enhance
buy purchase
fix repair resolve
issue problem
big large
small tiny
quick fast rapid
begin start
show display
find locate search look_for
choose select pick
get obtain acquire
need require
help assist
use utilize
try attempt
check verify
allow permit
combine merge
convert transform conversion
calculate compute calculation
summarize summary summarization
recommend suggest recommendation suggestion
translate translation
install installation
configure configuration config set_up setup
advantage benefit pro upside
disadvantage drawback con downside
difference differ distinction different diff
movie film
car automobile
kid child
mom mother mum
dad father
doctor physician
picture image photo photograph
tv television
app application
website site
repo repository
directory folder
dict dictionary
param parameter
int integer
bool boolean
db database
javascript js
typescript ts
node.js nodejs
next.js nextjs
vue.js vue vuejs
react.js react reactjs
postgres postgresql
env environment
admin administrator
max maximum
min minimum
avg average
cost price
medicine medication
tip hint
trip journey
easy simple
hard difficult tough
smart intelligent clever
sick ill
important crucial essential
famous popular
cheap inexpensive affordable
rich wealthy
main major primary
entire whole
wrong incorrect
common usual typical
often frequent
rare seldom
dangerous unsafe hazardous
kill terminate
run execute
save store
speak talk
happen occur take_place
reply respond
ship deliver delivery
return refund
contain include
learn study
understand comprehend
avoid prevent
healthy health
distance far
height tall
length long
age old
depth deep
weight weigh heavy
width wide
job position role
gray grey
usa america united_states
uk britain united_kingdom
sci_fi science_fiction
ai artificial_intelligence
ml machine_learning
email e_mail
login log_in sign_in log_on signin
logout log_out sign_out log_off signout
register sign_up signup enroll
enable turn_on switch_on activate
disable turn_off switch_off deactivate
accelerate speed_up
abandon give_up
`;

/** As the words of a text are: those of grammar have no stem. */
const stemOf = (word: string): string => (FUNCTION_WORDS.has(word) ? word : stem(word));

const WORDS: readonly (readonly string[])[] = GROUPS.trim()
  .split('\n')
  .map((line) => line.split(' ').map((word) => word.split('_').map(stemOf).join('_')));

const REPRESENTATIVE: ReadonlyMap<string, string> = new Map(
  WORDS.flatMap((words) => words.map((word) => [word, words[0]!] as const)),
);

/** Phrases of two or three words that stand for one, as stems joined by `_`. */
export const PHRASES: ReadonlySet<string> = new Set(WORDS.flat().filter((word) => word.includes('_')));

export const PHRASE_STARTS: ReadonlySet<string> = new Set(Array.from(PHRASES, (phrase) => phrase.split('_')[0]!));

/** The one word that stands for all that mean the same. @param stemmed a stem or one of the phrases */
export const representative = (stemmed: string): string => REPRESENTATIVE.get(stemmed) ?? stemmed;

/** Whether a word is among the few of English that have a synonym here. */
export const isEnglishWord = (stemmed: string): boolean => REPRESENTATIVE.has(stemmed);
