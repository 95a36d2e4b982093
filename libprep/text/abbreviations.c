/* abbreviations.c -- words that end with a full stop that ends no sentence.
 *
 * Lists of words with blanks around each, in lower case; a word is looked for with its blanks. */
#include "text/abbreviations.h"

#include <string.h>

enum { MAX_WORD = 24 };

static const char titles[] = " mr mrs ms mx dr drs prof profs rev revd fr sr br hon sen sens rep "
                             "reps gov govs gen lt ltc col maj capt "
                             "cpt cpl sgt ssgt pfc pvt cmdr cdr adm adml brig pres supt insp det "
                             "st ste mt mts ft msgr mons mme mlle "
                             "messrs mssrs atty attys amb asst assoc hr fr herr sra srta dna don "
                             "dott dipl ing mag priv univ.-prof pte "
                             "sig ald vice-adm vice-pres lieut lt.col lt.gen maj.gen brig.gen ph "
                             "см им г-н ";

static const char numbers[] =
    " no nos nr nrs p pp pg pgs vol vols fig figs figg eq eqs sec secs sect ch chap chaps art arts "
    "cap n\xc2\xb0 "
    "num tab tbl op opp bd bde s f ff fol nn par pt pts ser sub-sec subsec rt hwy ed.no t st-nr "
    "abs kap ziff стр рис ";

static const char places[] =
    " jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "ala ariz ark calif colo conn del fla ga ida ill ind kan kans ky la mass md mich minn miss mo "
    "mont neb "
    "nebr nev okla ore penn penna tenn tex va vt wash wis wisc wyo ont que alta sask "
    "co inc ltd corp cos bros llc plc jr esq dept depts assn assoc bldg blvd ave rd hwy sq ln ct "
    "dist div est "
    "govt intl mfg mgr natl nat univ inst acad lab dep mun prov reg terr u.s u.k u.n e.u u.s.a "
    "u.s.s.r d.c "
    "ph.d m.d b.a m.a b.s m.s b.sc m.sc ll.b ll.m m.b.a d.phil r.n k.c.b o.b.e m.p gmbh s.a n.v "
    "al ibid id op.cit loc.cit approx appt avg max min med temp tel ext orig repr rev trans transl "
    "ed eds ens illus lit pub publ abbr adj adv esp incl misc obs pron ref refs resp spec syn var "
    "viz.a.d b.c "
    "b.c.e c.e a.d lbs lb oz kg km cm mm ft yd yds mi sq hr hrs mins secs sec mph cu gal qt tbsp "
    "tsp "
    "geb gest jh jhd jhdt str tsd mio mrd bzgl usf ggf evtl vgl allg einschl inkl zzgl zzt tägl "
    "гг вв тыс млн млрд руб ул обл др пр ";

static const char last[] = " etc a.m p.m am pm et.al u.a usw u.s.w и.т.д и.т.п т.д т.п z.t ";

static const char never[] =
    " e.g eg i.e ie viz vs v cf c ca circa f.e f.eg n.b nb d.h z.b s.o s.u bzw sog gen.i u.a.m "
    "w.r.t a.k.a p.s r b d m fl в.т.ч т.е т.н напр ";

static const char starters[] =
    " the a an this that these those it its he she they we you i his her their our my there here "
    "in on at by for from to with without within as after before during since until while when "
    "where "
    "what who whom whose which why how if though although because but and or nor so yet however "
    "moreover furthermore meanwhile nevertheless nonetheless therefore thus hence then also "
    "another "
    "some many most several few all both each every such one no not now today yesterday later "
    "once according despite between among under over through throughout because unlike like "
    "is are was were do does did has have had can could will would should may might must let "
    "please "
    "did both two three four five first second finally initially originally subsequently currently "
    "eventually instead additionally similarly between following other others even only ";

static const char months[] =
    " januar jänner februar märz april mai juni juli august september oktober november dezember "
    "january february marzo march may june july october december ledna února března dubna května "
    "června "
    "července srpna září října listopadu prosince tammikuuta helmikuuta maaliskuuta huhtikuuta "
    "toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta januára "
    "jahrhundert jahrhunderts siècle ";

/* What a language has besides; looked at first, because it may say otherwise. */
struct more {
    const char *titles, *numbers, *places, *last, *never, *starters;
};

static const struct more languages[] = {
    [LANGUAGE_ARABIC] = {.titles = " د أ م ", .numbers = " ص ج ", .never = " ت هـ "},
    [LANGUAGE_GERMAN] = {.titles = " hrn frl hl prof dr ing mag jun sen ",
                         .numbers = " nr bd bde abb kap abs art ziff tab aufl jg anm rn ",
                         .places = " jan febr aug sept okt dez mo di mi do sa so std min stk ",
                         .last = " usw usf etc ",
                         .never = " bzw vgl ca evtl ggf inkl exkl kath evang ev lat griech engl "
                                  "franz ital span dt österr schweiz ehem geb gest verh sog bes "
                                  "insb insbes allg einschl zzgl mind bspw urspr chr ",
                         .starters = " der die das den dem des ein eine einen einer er sie es wir "
                                     "ich ihr dies diese dieser dieses dort hier da dann danach "
                                     "damit doch aber und in im am an auf bei mit nach seit von "
                                     "vor zu zum zur als auch nur so wenn weil während "},
    [LANGUAGE_SPANISH] = {.titles = " sr sra srta sres dr dra d dª dña lic ing arq prof gral ud "
                                    "uds vd vds mons ",
                          .numbers = " núm nº pág págs párr párrf art fig vol cap tel ext cra av "
                                     "avda km min ",
                          .places = " ene abr may ago dic lun mié jue vie sáb dom uu ",
                          .never = " p.ej ej aprox ee a.c d.c "},
    [LANGUAGE_FRENCH] = {.titles = " m mm mme mmes mlle mlles me mgr dr pr st ste ",
                         .numbers = " p pp art vol chap fig éd n ",
                         .places = " janv févr avr juil déc bd collab trad ",
                         .never = " av apr env cf c.-à-d ex p.ex hab "},
    [LANGUAGE_HINDI] = {.titles = " डॉ पं श्री प्रो ", .numbers = " सं पृ ", .never = " ई "},
    [LANGUAGE_ITALIAN] = {.titles = " sig sig.ra dott dott.ssa prof avv ing on mons ",
                          .numbers = " pag pagg art fig vol cap n ",
                          .places = " genn febbr magg giu lug ago sett ott dic ",
                          .last = " ecc ",
                          .never = " es p.es ca "},
    [LANGUAGE_PORTUGUESE] = {.titles = " sr sra srs dr dra d prof profa eng exmo exma gal ",
                             .numbers = " n nº núm pág págs p pp art fig vol cap tel av r ",
                             .places = " fev abr mai ago set out dez km ",
                             .never = " ex p.ex aprox a.c d.c hab "},
    [LANGUAGE_RUSSIAN] = {.titles = " г-н г-жа проф акад доц ген полк им св тов ",
                          .numbers = " стр с рис табл гл ст т п ",
                          .places = " г гг в вв р ул пл просп обл тыс млн млрд руб коп км м кг "
                                    "англ лат нем фр греч род ум янв февр авг сент окт нояб дек ",
                          .last = " т.д т.п ",
                          .never = " т.е т.к см ср напр н до "},
    [LANGUAGE_TURKISH] = {.titles = " dr prof doç yrd av op org gen sn ",
                          .numbers = " no s sf c bkz ",
                          .places = " mah cad sok apt ",
                          .last = " vb vs ",
                          .never = " örn yy krş mö ms i.ö i.s ",
                          .starters = " bu bir o ancak ayrıca daha çünkü fakat ama ve "},
    [LANGUAGE_ZH] = {0},
};

enum language language_of(const char *name)
{
    static const struct {
        const char *name;
        enum language language;
    } names[] = {
        {"auto", LANGUAGE_AUTO},      {"ar", LANGUAGE_ARABIC},     {"de", LANGUAGE_GERMAN},
        {"en", LANGUAGE_ENGLISH},     {"es", LANGUAGE_SPANISH},    {"fr", LANGUAGE_FRENCH},
        {"hi", LANGUAGE_HINDI},       {"it", LANGUAGE_ITALIAN},    {"ja", LANGUAGE_JA},
        {"ko", LANGUAGE_KO},          {"pt", LANGUAGE_PORTUGUESE}, {"ru", LANGUAGE_RUSSIAN},
        {"simple", LANGUAGE_ENGLISH}, {"tr", LANGUAGE_TURKISH},    {"zh", LANGUAGE_ZH}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0)
            return names[i].language;
    }
    return LANGUAGE_AUTO;
}

/* Lower case of ASCII, of Latin-1's and of Russian's letters: all that the lists have. */
static void lower(char *to, const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)word[i];
        const unsigned char next = i + 1 < n ? (unsigned char)word[i + 1] : 0;

        to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (c == 0xc3 && next >= 0x80 && next <= 0x9e) {
            to[++i] = (char)(next + 0x20);
        } else if (c == 0xd0 && next >= 0x90 && next <= 0x9f) {
            to[++i] = (char)(next + 0x20);
        } else if (c == 0xd0 && next >= 0xa0 && next <= 0xaf) {
            to[i++] = (char)0xd1;
            to[i] = (char)(next - 0x20);
        }
    }
}

/* A word as the lists have it; empty when it can be in none. */
struct key {
    char text[MAX_WORD + 3];
};

static struct key key_of(const char *word, size_t n)
{
    struct key key = {{0}};

    if (n == 0 || n > MAX_WORD || memchr(word, ' ', n) || memchr(word, 0, n))
        return key;
    key.text[0] = ' ';
    lower(key.text + 1, word, n);
    key.text[n + 1] = ' ';
    return key;
}

static bool is_listed(const char *list, const struct key *key)
{
    return list && key->text[0] && strstr(list, key->text);
}

static enum abbreviation kind_in(const struct more *lists, const struct key *key)
{
    if (is_listed(lists->never, key))
        return ABBREVIATION_NEVER;
    if (is_listed(lists->last, key))
        return ABBREVIATION_LAST;
    if (is_listed(lists->titles, key))
        return ABBREVIATION_TITLE;
    if (is_listed(lists->numbers, key))
        return ABBREVIATION_NUMBER;
    return is_listed(lists->places, key) ? ABBREVIATION_PLACE : ABBREVIATION_NONE;
}

enum abbreviation abbreviation_of(enum language language, const char *word, size_t n)
{
    static const struct more everywhere = {titles, numbers, places, last, never, starters};
    const struct key key = key_of(word, n);
    const enum abbreviation kind = kind_in(&languages[language], &key);

    return kind != ABBREVIATION_NONE ? kind : kind_in(&everywhere, &key);
}

bool abbreviation_is_starter(enum language language, const char *word, size_t n)
{
    const struct key key = key_of(word, n);

    return is_listed(starters, &key) || is_listed(languages[language].starters, &key);
}

bool abbreviation_is_month(const char *word, size_t n)
{
    const struct key key = key_of(word, n);

    return is_listed(months, &key);
}
