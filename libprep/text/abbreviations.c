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

static bool is_listed(const char *list, const char *word, size_t n)
{
    char key[MAX_WORD + 3] = " ";

    if (n == 0 || n > MAX_WORD)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (word[i] == ' ')
            return false;
        key[i + 1] = word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] + 32) : word[i];
    }
    key[n + 1] = ' ';
    key[n + 2] = 0;
    return strstr(list, key) != NULL;
}

enum abbreviation abbreviation_of(const char *word, size_t n)
{
    if (is_listed(never, word, n))
        return ABBREVIATION_NEVER;
    if (is_listed(last, word, n))
        return ABBREVIATION_LAST;
    if (is_listed(titles, word, n))
        return ABBREVIATION_TITLE;
    if (is_listed(numbers, word, n))
        return ABBREVIATION_NUMBER;
    if (is_listed(places, word, n))
        return ABBREVIATION_PLACE;
    return ABBREVIATION_NONE;
}

bool abbreviation_is_starter(const char *word, size_t n)
{
    return is_listed(starters, word, n);
}

bool abbreviation_is_month(const char *word, size_t n)
{
    return is_listed(months, word, n);
}
